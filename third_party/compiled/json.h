#ifndef DROVER_THIRD_PARTY_COMPILED_JSON_H_
#define DROVER_THIRD_PARTY_COMPILED_JSON_H_

// nlohmann/json with the parts that its users share compiled once (json.cc), not in each of them.
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

// DROVER_JSON_TEMPLATES(extern) declares what DROVER_JSON_TEMPLATES() defines.
#define DROVER_JSON_TEMPLATES(storage)                                                   \
  storage template class nlohmann::basic_json<>;                                         \
  storage template class nlohmann::detail::serializer<nlohmann::json>;                   \
  storage template class nlohmann::detail::json_sax_dom_parser<nlohmann::json>;          \
  storage template class nlohmann::detail::json_sax_dom_callback_parser<nlohmann::json>; \
  DROVER_JSON_PARSER(storage, std::string::const_iterator)                               \
  DROVER_JSON_PARSER(storage, const char*)

#define DROVER_JSON_PARSER(storage, Iterator)                              \
  storage template class nlohmann::detail::parser<                         \
      nlohmann::json, nlohmann::detail::iterator_input_adapter<Iterator>>; \
  storage template class nlohmann::detail::lexer<                          \
      nlohmann::json, nlohmann::detail::iterator_input_adapter<Iterator>>;

DROVER_JSON_TEMPLATES(extern)

#endif  // DROVER_THIRD_PARTY_COMPILED_JSON_H_
