// Keys for tests of what is encrypted in the database.
#pragma once

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/events/core/secret_box.h"

namespace aislewatch::events {

/// A box with the keys "ka", "kb", ... for the letters of `ids`; the first one seals.
inline std::shared_ptr<const SecretBox> TestKeys(const std::string& ids) {
  std::string text;
  for (const char id : ids) {
    absl::StrAppend(&text, "k", std::string(1, id), " ", absl::Base64Escape(std::string(32, id)),
                    "\n");
  }
  return SecretBox::Parse(text).value();
}

}  // namespace aislewatch::events
