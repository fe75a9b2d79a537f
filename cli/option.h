#ifndef DROVER_CLI_OPTION_H_
#define DROVER_CLI_OPTION_H_

#include <functional>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11 has named it
class App;
class Option;
}  // namespace CLI

namespace drover {

// An option of a command, or an argument by its place: what the commands use of CLI11, compiled
// once. (Most of CLI11 would else come into the object file of each command.) A handle: the
// CLI::App owns what it stands for. Each function returns it again, for the next.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  Option TypeName(const std::string& name);  // what --help calls its value
  Option Required(bool required = true);
  Option Default(int value);
  Option EnvName(const std::string& name);  // the variable that gives it where no flag does
  Option OneEach();                         // of a list: one value each time the flag is given
  Option Delimiter(char delimiter);         // of a list: its values in one word

  // Instantiated in option.cc for int, uint32_t, uint64_t and double.
  template <typename T>
  Option Range(T least, T most);
  Option Positive();
  Option OneOf(const std::vector<std::string>& words);
  // `error` says what is wrong with a value; "": nothing.
  Option Check(const std::function<std::string(const std::string&)>& error);

  Option Needs(Option other);
  Option Excludes(Option other);

  bool given() const;  // once the command line is parsed

 private:
  CLI::Option* option_;
};

// Declares `name`, with its line of --help, which sets `variable`; without dashes: by its place.
// Instantiated in option.cc for the types that commands have.
template <typename T>
Option AddOption(CLI::App* command, const std::string& name, T& variable,
                 const std::string& description = "");

// Declares a flag without a value.
Option AddFlag(CLI::App* command, const std::string& name, bool& variable,
               const std::string& description);

// One that was declared before.
Option FindOption(CLI::App* command, const std::string& name);

}  // namespace drover

#endif  // DROVER_CLI_OPTION_H_
