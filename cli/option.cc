#include "cli/option.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>

namespace drover {

Option Option::TypeName(const std::string& name) { return Option(option_->type_name(name)); }

Option Option::Required(bool required) { return Option(option_->required(required)); }

Option Option::Default(int value) { return Option(option_->default_val(value)); }

Option Option::EnvName(const std::string& name) { return Option(option_->envname(name)); }

Option Option::OneEach() { return Option(option_->allow_extra_args(false)); }

Option Option::Delimiter(char delimiter) { return Option(option_->delimiter(delimiter)); }

template <typename T>
Option Option::Range(T least, T most) {
  return Option(option_->check(CLI::Range(least, most)));
}

Option Option::Positive() { return Option(option_->check(CLI::PositiveNumber)); }

Option Option::OneOf(const std::vector<std::string>& words) {
  return Option(option_->check(CLI::IsMember(words)));
}

Option Option::Check(const std::function<std::string(const std::string&)>& error) {
  return Option(option_->check(error));
}

Option Option::Needs(Option other) { return Option(option_->needs(other.option_)); }

Option Option::Excludes(Option other) { return Option(option_->excludes(other.option_)); }

bool Option::given() const { return option_->count() > 0; }

template <typename T>
Option AddOption(CLI::App* command, const std::string& name, T& variable,
                 const std::string& description) {
  return Option(command->add_option(name, variable, description));
}

Option AddFlag(CLI::App* command, const std::string& name, bool& variable,
               const std::string& description) {
  return Option(command->add_flag(name, variable, description));
}

Option FindOption(CLI::App* command, const std::string& name) {
  return Option(command->get_option(name));
}

template Option Option::Range(int, int);
template Option Option::Range(uint32_t, uint32_t);
template Option Option::Range(uint64_t, uint64_t);
template Option Option::Range(double, double);

using Text = const std::string&;
template Option AddOption(CLI::App*, Text, int&, Text);
template Option AddOption(CLI::App*, Text, uint32_t&, Text);
template Option AddOption(CLI::App*, Text, uint64_t&, Text);
template Option AddOption(CLI::App*, Text, double&, Text);
template Option AddOption(CLI::App*, Text, std::string&, Text);
template Option AddOption(CLI::App*, Text, std::vector<int>&, Text);
template Option AddOption(CLI::App*, Text, std::vector<std::string>&, Text);
template Option AddOption(CLI::App*, Text, std::optional<uint32_t>&, Text);
template Option AddOption(CLI::App*, Text, std::optional<uint64_t>&, Text);
template Option AddOption(CLI::App*, Text, std::optional<double>&, Text);

}  // namespace drover
