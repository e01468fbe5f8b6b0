#include "common/base/sha256.h"

#include "absl/strings/match.h"
#include "common/base/secret.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

// FIPS 180-2, appendix B.1, and the sum of nothing.
constexpr char kAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr char kNothing[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Sha256, AtOnceAndInPieces) {
  EXPECT_EQ(Sha256Hex("abc"), kAbc);
  EXPECT_EQ(Sha256Hex(""), kNothing);
  EXPECT_EQ(Sha256Bytes("abc").size(), 32u);
  Sha256 sum;
  sum.Add("a");
  sum.Add("");
  sum.Add("bc");
  EXPECT_EQ(sum.Hex(), kAbc);
  EXPECT_EQ(Sha256().Hex(), kNothing);
}

TEST(Secret, HasItsPrefixAndIsAnotherEachTime) {
  const std::string secret = NewSecret("awt_").value();
  EXPECT_TRUE(absl::StartsWith(secret, "awt_"));
  EXPECT_EQ(secret.size(), 47u);
  EXPECT_EQ(secret.find_first_of("+/="), std::string::npos);
  EXPECT_NE(secret, NewSecret("awt_").value());
  EXPECT_NE(RandomBytes(16).value(), RandomBytes(16).value());
}

}  // namespace
}  // namespace aislewatch
