// Exports read by programs that we did not write: Python's zipfile, unzip's format, openssl.
#include "services/events/core/export/incident_export.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/base/sha256.h"
#include "gmock/gmock.h"
#include "services/events/adapters/archive/zip_writer.h"
#include "services/events/adapters/postgres/event_store.h"
#include "services/events/adapters/postgres/evidence_store.h"
#include "services/events/core/evidence_upload.h"
#include "services/events/testing/database_test.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;

// Unpacks FOLDER/export.zip to FOLDER/out with Python and checks each entry.
constexpr char kUnpack[] = R"py(
import sys, zipfile
folder = sys.argv[1]
archive = zipfile.ZipFile(folder + "/export.zip")
assert archive.testzip() is None, archive.testzip()
for entry in archive.infolist():
    assert entry.compress_type == zipfile.ZIP_STORED, entry
archive.extractall(folder + "/out")
print(" ".join(archive.namelist()))
)py";

class IncidentExportTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (pool_ == nullptr) return;
    if (Shell("command -v python3 && command -v openssl && command -v sha256sum") != 0) {
      GTEST_SKIP() << "python3, openssl or sha256sum is not installed";
    }
    folder_ = "/tmp/aw-export-XXXXXX";
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    std::ofstream(folder_ + "/unpack.py") << kUnpack;
    ASSERT_EQ(Shell("openssl genpkey -algorithm ed25519 -out " + folder_ + "/key.pem"), 0);
    events_ = std::make_unique<PostgresEventStore>(*pool_);
    evidence_ = std::make_unique<PostgresEvidenceStore>(*pool_);
    ASSERT_TRUE(events_->Record({MakeTransition(id_, 1), MakeTransition(id_, 2)}).ok());
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  int Shell(const std::string& command) {
    return std::system(("(" + command + ") > " +
                        (folder_.empty() ? "/dev/null" : folder_ + "/shell.txt") + " 2>&1")
                           .c_str());
  }
  std::string Read(const std::string& name) {
    std::ifstream file(folder_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Upload(EvidenceKind kind, const std::string& media_type, const std::string& bytes) {
    Evidence evidence;
    evidence.evidence_id = NewUuid();
    evidence.incident_id = id_;
    evidence.kind = kind;
    evidence.state = EvidenceState::kReady;
    evidence.media_type = media_type;
    evidence.size_bytes = bytes.size();
    evidence.sha256 = Sha256Hex(bytes);
    EvidenceUpload upload(*evidence_);
    ASSERT_TRUE(upload.Start(evidence).ok());
    for (size_t at = 0; at < bytes.size(); at += 700'000) {
      ASSERT_TRUE(upload.Append(absl::string_view(bytes).substr(at, 700'000)).ok());
    }
    const auto stored = upload.Finish();
    ASSERT_TRUE(stored.ok()) << stored.status();
  }
  IncidentExporter Exporter(std::shared_ptr<const SiteKey> key) {
    return IncidentExporter({std::move(key), [] { return std::make_unique<ZipWriter>(); },
                             [](const IncidentHistory& history) -> absl::StatusOr<std::string> {
                               return absl::StrCat("{\"transitions\":", history.transitions.size(),
                                                   "}");
                             },
                             [](const std::vector<Evidence>& list) -> absl::StatusOr<std::string> {
                               return absl::StrCat("{\"evidence\":", list.size(), "}");
                             }});
  }
  // Writes export.zip; how much of it was held at most.
  absl::StatusOr<size_t> Export() {
    auto exporter = Exporter(SiteKey::Load(folder_ + "/key.pem").value());
    auto started = exporter.Start(id_, *events_, *evidence_);
    if (!started.ok()) return started.status();
    std::ofstream file(folder_ + "/export.zip", std::ios::binary);
    size_t largest = 0;
    while (true) {
      const auto bytes = (*started)->Next();
      if (!bytes.ok()) return bytes.status();
      if (bytes->empty()) return largest;
      file << *bytes;
      largest = std::max(largest, bytes->size());
    }
  }
  int Unpack() { return Shell("python3 " + folder_ + "/unpack.py " + folder_); }
  int CheckSums() { return Shell("cd " + folder_ + "/out && sha256sum --strict -c SHA256SUMS"); }
  int Verify() {
    return Shell("cd " + folder_ +
                 "/out && openssl pkeyutl -verify -pubin -inkey site-key.pem -rawin"
                 " -in SHA256SUMS -sigfile SHA256SUMS.sig");
  }

  std::string folder_;
  const std::string id_ = NewUuid();
  std::unique_ptr<PostgresEventStore> events_;
  std::unique_ptr<PostgresEvidenceStore> evidence_;
};

TEST_F(IncidentExportTest, IsAZipWithSumsAndASignatureThatOthersVerify) {
  std::string clip(5'000'000, '\0');
  for (size_t i = 0; i < clip.size(); ++i) clip[i] = static_cast<char>(i * 2654435761u >> 13);
  Upload(EvidenceKind::kSnapshot, "image/jpeg", "one");
  Upload(EvidenceKind::kSnapshot, "image/jpeg", "two");
  Upload(EvidenceKind::kClip, "video/mp4", clip);
  Upload(EvidenceKind::kScoreCurve, "application/json", "[]");
  const auto largest = Export();
  ASSERT_TRUE(largest.ok()) << largest.status();
  EXPECT_LE(*largest, 2u << 20);  // It was streamed.
  ASSERT_EQ(Unpack(), 0) << Read("shell.txt");
  EXPECT_EQ(Read("shell.txt"),
            "incident.json evidence.json evidence/snapshot-1.jpg evidence/snapshot-2.jpg "
            "evidence/clip-1.mp4 evidence/score-curve-1.json site-key.pem SHA256SUMS "
            "SHA256SUMS.sig\n");
  EXPECT_EQ(Read("out/evidence/snapshot-2.jpg"), "two");
  EXPECT_TRUE(Read("out/evidence/clip-1.mp4") == clip);
  EXPECT_EQ(Read("out/incident.json"), "{\"transitions\":2}");
  EXPECT_EQ(CheckSums(), 0) << Read("shell.txt");
  EXPECT_EQ(Verify(), 0) << Read("shell.txt");
  if (Shell("command -v unzip") == 0) {
    EXPECT_EQ(Shell("unzip -t " + folder_ + "/export.zip"), 0) << Read("shell.txt");
  }
}

TEST_F(IncidentExportTest, AFlippedByteIsNoticed) {
  Upload(EvidenceKind::kSnapshot, "image/jpeg", "picture");
  ASSERT_TRUE(Export().ok());
  ASSERT_EQ(Unpack(), 0) << Read("shell.txt");
  const std::string sums = Read("out/SHA256SUMS");
  std::ofstream(folder_ + "/out/evidence/snapshot-1.jpg") << "pictur3";
  EXPECT_NE(CheckSums(), 0);
  std::string forged = sums;
  forged[0] = forged[0] == '0' ? '1' : '0';
  std::ofstream(folder_ + "/out/SHA256SUMS") << forged;
  EXPECT_NE(Verify(), 0);
  std::ofstream(folder_ + "/out/SHA256SUMS") << sums;
  EXPECT_EQ(Verify(), 0) << Read("shell.txt");
}

TEST_F(IncidentExportTest, AnIncidentWithoutEvidenceIsExportedToo) {
  Evidence failed;
  failed.evidence_id = NewUuid();
  failed.incident_id = id_;
  failed.kind = EvidenceKind::kClip;
  failed.state = EvidenceState::kFailed;
  failed.media_type = "video/mp4";
  failed.error = "the disk was full";
  ASSERT_TRUE(evidence_->DescribeEvidence(failed).ok());
  ASSERT_TRUE(Export().ok());
  ASSERT_EQ(Unpack(), 0) << Read("shell.txt");
  EXPECT_EQ(Read("shell.txt"),
            "incident.json evidence.json site-key.pem SHA256SUMS SHA256SUMS.sig\n");
  EXPECT_EQ(Read("out/evidence.json"), "{\"evidence\":1}");
}

TEST_F(IncidentExportTest, BytesThatChangedInTheDatabaseAreNotSigned) {
  Upload(EvidenceKind::kSnapshot, "image/jpeg", "picture");
  Sql("UPDATE evidence_chunks SET data = 'pictur3' RETURNING 1");
  EXPECT_EQ(Export().status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(IncidentExportTest, SaysHowToMakeAKey) {
  auto without = Exporter(nullptr);
  const auto started = without.Start(id_, *events_, *evidence_);
  EXPECT_EQ(started.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(started.status().message(), HasSubstr("openssl genpkey -algorithm ed25519"));
  EXPECT_THAT(SiteKey::Load(folder_ + "/none.pem").status().message(), HasSubstr("genpkey"));
  ASSERT_EQ(Shell("openssl genpkey -algorithm x25519 -out " + folder_ + "/x.pem"), 0);
  EXPECT_THAT(SiteKey::Load(folder_ + "/x.pem").status().message(), HasSubstr("no Ed25519 key"));
  EXPECT_THAT(SiteKey::Load(folder_ + "/unpack.py").status().message(), HasSubstr("PEM"));
  auto with = Exporter(SiteKey::Load(folder_ + "/key.pem").value());
  EXPECT_EQ(with.Start(NewUuid(), *events_, *evidence_).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(with.Start("../x", *events_, *evidence_).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace aislewatch::events
