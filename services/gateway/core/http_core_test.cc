// What the gateway decides without a network.

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/core/byte_range.h"
#include "services/gateway/core/client_address.h"
#include "services/gateway/core/credential.h"
#include "services/gateway/core/http_message.h"
#include "services/gateway/core/loopback.h"
#include "services/gateway/core/path_template.h"
#include "services/gateway/core/problem.h"
#include "services/gateway/core/rate_limiter.h"
#include "services/gateway/core/service_view.h"
#include "services/gateway/core/sse.h"
#include "services/gateway/core/stream_slots.h"

namespace aislewatch::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Query, IsDecodedOrRefused) {
  EXPECT_THAT(*ParseQuery("a=1&b=x%2By+z&c&&d=e=f"),
              ElementsAre(Pair("a", "1"), Pair("b", "x+y z"), Pair("c", ""), Pair("d", "e=f")));
  EXPECT_FALSE(ParseQuery("a=%4"));
  EXPECT_FALSE(ParseQuery("a=%zz"));
  EXPECT_FALSE(ParseQuery("a=%00"));
}

std::string Range(const std::string& header, uint64_t size) {
  const ByteRange range = ParseByteRange(header, size);
  if (range.kind == ByteRange::Kind::kUnsatisfiable) return "416";
  return absl::StrCat(range.kind == ByteRange::Kind::kPart ? "part " : "whole ", range.offset, "+",
                      range.length);
}

TEST(ByteRange, IsOneRangeOrEverything) {
  EXPECT_EQ(Range("", 10), "whole 0+10");
  EXPECT_EQ(Range("bytes=0-0", 10), "part 0+1");
  EXPECT_EQ(Range("bytes=3-", 10), "part 3+7");
  EXPECT_EQ(Range("bytes=3-99", 10), "part 3+7");
  EXPECT_EQ(Range("bytes=-4", 10), "part 6+4");
  EXPECT_EQ(Range("bytes=-99", 10), "part 0+10");
  EXPECT_EQ(Range("bytes=10-", 10), "416");
  EXPECT_EQ(Range("bytes=-0", 10), "416");
  EXPECT_EQ(Range("bytes=0-", 0), "416");
}

TEST(ByteRange, PassesOverWhatItDoesNotUnderstand) {
  for (const char* header : {"bytes=0-1,3-4", "lines=0-1", "bytes=5-3", "bytes=a-b", "bytes=+1-2",
                             "bytes=", "bytes=-", "bytes=99999999999999999999-"}) {
    EXPECT_EQ(Range(header, 10), "whole 0+10") << header;
  }
}

TEST(Etag, IsFoundInAList) {
  EXPECT_TRUE(NamesEtag("\"a\", W/\"b\"", "\"b\""));
  EXPECT_TRUE(NamesEtag("*", "\"b\""));
  EXPECT_FALSE(NamesEtag("", "\"b\""));
}

TEST(RateLimiter, GivesTokensBackInTime) {
  FakeClock clock(absl::UnixEpoch());
  RateLimiter limiter({2, 0.5, 3}, clock);
  EXPECT_EQ(limiter.Take("a"), absl::ZeroDuration());
  EXPECT_EQ(limiter.Take("a"), absl::ZeroDuration());
  EXPECT_EQ(limiter.Take("a"), absl::Seconds(2));
  EXPECT_EQ(limiter.Take("b"), absl::ZeroDuration());
  clock.Advance(absl::Seconds(2));
  EXPECT_EQ(limiter.Take("a"), absl::ZeroDuration());
  EXPECT_GT(limiter.Take("a"), absl::ZeroDuration());
}

TEST(RateLimiter, ForgetsWhoCameLongestAgo) {
  FakeClock clock(absl::UnixEpoch());
  RateLimiter limiter({1, 0.001, 2}, clock);
  for (const char* key : {"a", "b", "c"}) EXPECT_EQ(limiter.Take(key), absl::ZeroDuration());
  EXPECT_GT(limiter.Take("c"), absl::ZeroDuration());
  EXPECT_EQ(limiter.Take("a"), absl::ZeroDuration());
}

HttpRequest WithHeaders(Fields headers) {
  HttpRequest request;
  request.headers = std::move(headers);
  return request;
}

TEST(Credential, IsATokenOrTheSessionsCookie) {
  const Credential token = CredentialOf(
      WithHeaders({{"authorization", "bearer abc "}, {"Cookie", "aislewatch_session=xyz"}}));
  EXPECT_EQ(token.secret, "abc");
  EXPECT_FALSE(token.from_cookie);
  const Credential cookie = CredentialOf(WithHeaders({{"Cookie", "a=b; aislewatch_session=xyz"}}));
  EXPECT_EQ(cookie.secret, "xyz");
  EXPECT_TRUE(cookie.from_cookie);
}

TEST(Credential, IsNoneWhereItCouldNotTravelOn) {
  for (const std::string& value :
       {std::string("Bearer "), std::string("Bearer a b"), std::string("Bearer a\nb"),
        "Bearer " + std::string(5000, 'a'), std::string("Basic abc")}) {
    EXPECT_EQ(CredentialOf(WithHeaders({{"Authorization", value}})).secret, "") << value;
  }
}

TEST(CsrfToken, BelongsToItsSession) {
  EXPECT_EQ(CsrfToken("session"), CsrfToken("session"));
  EXPECT_NE(CsrfToken("session"), CsrfToken("sessioN"));
  EXPECT_EQ(CsrfToken("session").size(), 43u);
  EXPECT_TRUE(SameSecret("abc", "abc"));
  EXPECT_FALSE(SameSecret("abc", "abd"));
  EXPECT_FALSE(SameSecret("abc", ""));
}

TEST(CrossSite, IsWhatTheBrowserSays) {
  EXPECT_FALSE(IsCrossSite(WithHeaders({})));
  EXPECT_FALSE(IsCrossSite(WithHeaders({{"Sec-Fetch-Site", "same-origin"}})));
  EXPECT_TRUE(IsCrossSite(WithHeaders({{"Sec-Fetch-Site", "same-site"}})));
  EXPECT_FALSE(IsCrossSite(WithHeaders({{"Origin", "http://a:1"}, {"Host", "a:1"}})));
  EXPECT_TRUE(IsCrossSite(WithHeaders({{"Origin", "http://a:2"}, {"Host", "a:1"}})));
  EXPECT_TRUE(IsCrossSite(WithHeaders({{"Origin", "null"}, {"Host", "a:1"}})));
}

TEST(Sse, BreaksNothing) {
  EXPECT_EQ(SseEvent("frame", "", "{}"), "event: frame\ndata: {}\n\n");
  EXPECT_EQ(SseEvent("a\nb", "1\n2", "x\r\ny"), "event: ab\nid: 12\ndata: x\ndata: y\n\n");
}

TEST(PathTemplate, MatchesSegmentBySegment) {
  const PathTemplate path("/api/v1/cameras/{id}/snapshot");
  PathParams params;
  EXPECT_TRUE(path.Match("/api/v1/cameras/a%2Fb/snapshot", params));
  EXPECT_EQ(params.at("id"), "a/b");
  for (const char* other : {"/api/v1/cameras//snapshot", "/api/v1/cameras/a/b/snapshot",
                            "/api/v1/cameras/a", "/api/v1/cameras/%4/snapshot", ""}) {
    EXPECT_FALSE(path.Match(other, params)) << other;
  }
  EXPECT_THAT(path.names(), ElementsAre("id"));
}

TEST(Problem, LeavesOutWhatOnlyOperatorsCanUse) {
  const HttpResponse inner = ProblemOf(absl::InternalError("SELECT secret"), "request-1");
  EXPECT_EQ(inner.status, 500);
  EXPECT_THAT(inner.body, HasSubstr("request-1"));
  EXPECT_THAT(inner.body, ::testing::Not(HasSubstr("SELECT")));
  const HttpResponse away = ProblemOf(absl::UnavailableError("ipv4:10.0.0.1"), "");
  EXPECT_THAT(away.body, ::testing::Not(HasSubstr("10.0.0.1")));
  EXPECT_THAT(away.headers, ::testing::Contains(Pair("Retry-After", "2")));
}

TEST(Problem, IsJsonWhateverTheWords) {
  EXPECT_EQ(JsonString("a\"b\n"), R"("a\"b\n")");
  EXPECT_EQ(JsonString("\xFF"), "\"\xEF\xBF\xBD\"");
}

TEST(Loopback, IsThisMachine) {
  for (const char* host :
       {"localhost", "LOCALHOST:80", "127.0.0.1:0", "127.9.9.9", "[::1]:80", "::1"}) {
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
  for (const char* host :
       {"", "0.0.0.0:80", "localhost.evil.example", "128.0.0.1", "[::]:80", "[::1"}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
}

std::string ClientOf(const std::string& peer, const std::string& forwarded) {
  const auto proxies = TrustedProxies::Parse({"10.0.0.0/8", "2001:db8::1"});
  HttpRequest request = WithHeaders({{"X-Forwarded-For", forwarded}});
  request.peer = peer;
  return proxies->ClientOf(request);
}

TEST(TrustedProxies, TellTheLastAddressThatIsNotTheirs) {
  EXPECT_EQ(ClientOf("10.1.2.3", "6.6.6.6, 192.0.2.7, 10.9.9.9"), "192.0.2.7");
  EXPECT_EQ(ClientOf("2001:db8::1", "192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(ClientOf("192.0.2.1", "6.6.6.6"), "192.0.2.1");
  EXPECT_EQ(ClientOf("10.1.2.3", ""), "10.1.2.3");
  EXPECT_EQ(ClientOf("10.1.2.3", "6.6.6.6, nonsense"), "10.1.2.3");
  for (const char* wrong : {"10.0.0.0/33", "name", "10.0.0.0/", "10.0.0.0/-1", ""}) {
    EXPECT_FALSE(TrustedProxies::Parse({wrong}).ok()) << wrong;
  }
}

TEST(StreamSlots, AreGivenBack) {
  FakeMetrics metrics;
  Gauge& gauge = metrics.GetGauge("streams", "");
  StreamSlots slots(1);
  auto first = slots.Take(gauge);
  EXPECT_NE(first, nullptr);
  EXPECT_EQ(slots.Take(gauge), nullptr);
  EXPECT_EQ(metrics.Value("streams"), 1);
  first.reset();
  EXPECT_EQ(metrics.Value("streams"), 0);
  EXPECT_NE(slots.Take(gauge), nullptr);
}

TEST(ServiceView, ReadsWhatPrometheusReads) {
  const auto samples =
      ParseMetrics("# TYPE a gauge\na 1\nb{x=\"q\\\"}\",y=\"\"} 2.5 1700000\nc{x=1} 3\nd\n");
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[1].labels.at("x"), "q\"}");
  EXPECT_EQ(samples[1].value, 2.5);
}

TEST(DropRates, AreThoseSinceTheLastLook) {
  DropRates rates;
  EXPECT_EQ(rates.Since("pose", {10, 100}), 0.1);
  EXPECT_EQ(rates.Since("pose", {10, 200}), 0);
  EXPECT_EQ(rates.Since("pose", {60, 300}), 0.5);
  EXPECT_EQ(rates.Since("pose", {1, 4}), 0.25);  // It began anew.
  EXPECT_EQ(rates.Since("pose", {1, 4}), 0);
}

}  // namespace
}  // namespace aislewatch::gateway
