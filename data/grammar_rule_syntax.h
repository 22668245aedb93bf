#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "data/grammar_lexer.h"
#include "data/grammar_syntax.h"

namespace heed::grammar {

/// `Name#tag[feature=value other=$v]:column` taken apart; features are resolved, the name is
/// entered into the table of symbols if it is new.
struct Reference {
  std::size_t symbol = kNone;
  std::string tagged_name;  ///< `Name#tag`
  std::vector<FeatureTerm> features;
  std::string column;
};

Reference parse_reference(Syntax& syntax, std::size_t line, const std::string& text);

/// The symbol called `name`, made if it is new.
std::size_t intern_symbol(Syntax& syntax, std::size_t line, const std::string& name);

/// One alternative, `[WEIGHT :] SOURCE || TARGET`, of the rule whose head is `head`.
Rule parse_alternative(Syntax& syntax, std::size_t line, std::span<const Token> tokens,
                       const Reference& head);

/// A whole number from 1 to 1,000,000; `what` names it in the message.
std::size_t parse_count(const Syntax& syntax, std::size_t line, const std::string& text,
                        const std::string& what);

}  // namespace heed::grammar
