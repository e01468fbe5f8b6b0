#include "services/events/core/secret_box.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string KeyLine(const std::string& id, char byte) {
  return absl::StrCat(id, " ", absl::Base64Escape(std::string(32, byte)), "\n");
}

TEST(SecretBox, OpensWhatItSealedAndShowsNothingOfIt) {
  const auto box = SecretBox::Parse(KeyLine("k1", 'a')).value();
  const std::string sealed = box->Seal("rtsp://u:hunter2@host/1", "camera door").value();
  EXPECT_THAT(sealed, StartsWith("v1.k1."));
  EXPECT_THAT(sealed, Not(HasSubstr("hunter2")));
  EXPECT_EQ(box->Open(sealed, "camera door").value(), "rtsp://u:hunter2@host/1");
  // Equal secrets do not look equal.
  EXPECT_NE(box->Seal("rtsp://u:hunter2@host/1", "camera door").value(), sealed);
  EXPECT_EQ(box->Open(box->Seal("", "x").value(), "x").value(), "");
}

TEST(SecretBox, RefusesWhatWasMovedOrChanged) {
  const auto box = SecretBox::Parse(KeyLine("k1", 'a')).value();
  const std::string sealed = box->Seal("hunter2", "camera door").value();
  EXPECT_TRUE(absl::IsDataLoss(box->Open(sealed, "camera other").status()));
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto opened = box->Open(changed, "camera door");
    // The last character of base64 has bits that mean nothing.
    if (opened.ok()) {
      EXPECT_EQ(i, sealed.size() - 1);
      EXPECT_EQ(*opened, "hunter2");
    } else {
      EXPECT_THAT(std::string(opened.status().message()), Not(HasSubstr("hunter2")));
    }
  }
  for (const char* nonsense : {"", "v1", "v1.k1.", "v1.k1.!!!", "v1.k1.AAAA", "rtsp://u:p@host"}) {
    EXPECT_FALSE(box->Open(nonsense, "camera door").ok()) << nonsense;
  }
}

TEST(SecretBox, KeysAreRotated) {
  const auto before = SecretBox::Parse(KeyLine("k1", 'a')).value();
  const std::string old = before->Seal("hunter2", "c").value();
  const auto both = SecretBox::Parse(KeyLine("k2", 'b') + "# the old one\n\n" + KeyLine("k1", 'a'));
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_EQ((*both)->Open(old, "c").value(), "hunter2");
  EXPECT_FALSE((*both)->IsCurrent(old));
  const std::string renewed = (*both)->Seal("hunter2", "c").value();
  EXPECT_TRUE((*both)->IsCurrent(renewed));
  const auto after = SecretBox::Parse(KeyLine("k2", 'b')).value();
  EXPECT_EQ(after->Open(renewed, "c").value(), "hunter2");
  EXPECT_THAT(std::string(after->Open(old, "c").status().message()), HasSubstr("key k1"));
  // Another key under the same id.
  const auto wrong = SecretBox::Parse(KeyLine("k2", 'c')).value();
  EXPECT_TRUE(absl::IsDataLoss(wrong->Open(renewed, "c").status()));
}

TEST(SecretBox, NamesTheLineThatIsWrongWithoutItsContents) {
  for (const std::string& text :
       {std::string("k1 c2hvcnQ="), std::string("hunter2"), KeyLine("k 1", 'a'),
        absl::StrCat("k1 ", std::string(43, '*')), KeyLine("k1", 'a') + KeyLine("k1", 'b')}) {
    const absl::Status status = SecretBox::Parse("# keys\n" + text).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("line "));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter2")));
  }
  EXPECT_FALSE(SecretBox::Parse("# nothing\n").ok());
  EXPECT_THAT(std::string(SecretBox::Load("/nowhere/keys").status().message()),
              HasSubstr("openssl rand -base64 32"));
  // base64url without padding, as NewSecret writes it.
  EXPECT_TRUE(
      SecretBox::Parse(absl::StrCat("k1 ", absl::WebSafeBase64Escape(std::string(32, '\xff'))))
          .ok());
}

}  // namespace
}  // namespace aislewatch::events
