#include "services/events/adapters/files/blob_directory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "common/base/ids.h"
#include "common/base/sha256.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::events {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BlobDirectoryTest : public ::testing::Test {
 protected:
  BlobDirectoryTest() : path_("/tmp/aw-blobs-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) abort();
    for (int i = 0; i < 1'500'000; ++i) bytes_.push_back(static_cast<char>(i * 31 + (i >> 8)));
  }
  ~BlobDirectoryTest() override { fs::remove_all(path_); }

  // Writes from `offset` on, in pieces.
  absl::Status Write(BlobDirectory& blobs, uint64_t offset = 0) {
    absl::Status status = blobs.Begin(id_, offset);
    for (size_t at = offset; status.ok() && at < bytes_.size(); at += kPiece) {
      status = blobs.Append(id_, at, absl::string_view(bytes_).substr(at, kPiece));
    }
    return status;
  }
  absl::Status Complete(BlobDirectory& blobs) {
    return blobs.Complete(id_, bytes_.size(), Sha256Hex(bytes_));
  }
  std::string ReadWhole(BlobDirectory& blobs) {
    std::string all;
    while (true) {
      const auto piece = blobs.Read(id_, all.size());
      if (!piece.ok() || piece->empty()) return all;
      all += *piece;
    }
  }
  std::string File(const std::string& ending = "") const {
    return path_ + "/" + id_.substr(0, 2) + "/" + id_ + ending;
  }

  static constexpr size_t kPiece = 400'000;
  std::string path_;
  std::string bytes_;
  const std::string id_ = NewUuid();
};

TEST_F(BlobDirectoryTest, WritesReadsAndRemoves) {
  BlobDirectory blobs(path_);
  ASSERT_TRUE(Write(blobs).ok());
  EXPECT_TRUE(fs::exists(File(".part")));
  EXPECT_FALSE(fs::exists(File()));
  ASSERT_TRUE(Complete(blobs).ok());
  EXPECT_FALSE(fs::exists(File(".part")));
  EXPECT_EQ(ReadWhole(blobs), bytes_);
  EXPECT_EQ(blobs.Read(id_, 1'499'999).value(), bytes_.substr(1'499'999));
  EXPECT_EQ(blobs.Read(id_, 2'000'000).value(), "");
  ASSERT_TRUE(Complete(blobs).ok());  // Again is no error.
  ASSERT_TRUE(blobs.Remove({id_, NewUuid()}).ok());
  EXPECT_TRUE(absl::IsNotFound(blobs.Read(id_, 0).status()));
  EXPECT_EQ(blobs.Stored(id_).value(), 0u);
}

TEST_F(BlobDirectoryTest, GoesOnWhereAnUploadBrokeOff) {
  {
    BlobDirectory first(path_);
    ASSERT_TRUE(first.Begin(id_, 0).ok());
    ASSERT_TRUE(first.Append(id_, 0, absl::string_view(bytes_).substr(0, kPiece)).ok());
  }
  BlobDirectory blobs(path_);  // Another process.
  EXPECT_EQ(blobs.Stored(id_).value(), kPiece);
  EXPECT_TRUE(absl::IsAborted(blobs.Begin(id_, kPiece + 1)));
  EXPECT_TRUE(absl::IsAborted(blobs.Append(id_, 7, "x")));
  // What lies behind the offset is dropped.
  ASSERT_TRUE(Write(blobs, 100'000).ok());
  ASSERT_TRUE(Complete(blobs).ok());
  EXPECT_EQ(ReadWhole(blobs), bytes_);
}

TEST_F(BlobDirectoryTest, ACrashAfterTheRenameLosesNothing) {
  BlobDirectory blobs(path_);
  ASSERT_TRUE(Write(blobs).ok());
  ASSERT_TRUE(Complete(blobs).ok());
  // The database never learnt of it: the upload goes on at its end, or begins anew.
  EXPECT_EQ(blobs.Stored(id_).value(), bytes_.size());
  ASSERT_TRUE(blobs.Begin(id_, bytes_.size()).ok());
  ASSERT_TRUE(Complete(blobs).ok());
  ASSERT_TRUE(Write(blobs).ok());
  EXPECT_EQ(fs::file_size(File()), bytes_.size());
  ASSERT_TRUE(Complete(blobs).ok());
  EXPECT_EQ(ReadWhole(blobs), bytes_);
}

TEST_F(BlobDirectoryTest, BytesThatAreNotThoseNeverCount) {
  BlobDirectory blobs(path_);
  ASSERT_TRUE(Write(blobs).ok());
  std::fstream(File(".part"), std::ios::in | std::ios::out | std::ios::binary).seekp(1000).put('!');
  EXPECT_TRUE(absl::IsAborted(Complete(blobs)));
  EXPECT_FALSE(fs::exists(File()));
  ASSERT_TRUE(Write(blobs).ok());
  ASSERT_TRUE(blobs.Append(id_, bytes_.size(), "more").ok());
  EXPECT_TRUE(absl::IsAborted(Complete(blobs)));
  EXPECT_TRUE(absl::IsAborted(blobs.Complete(NewUuid(), 1, Sha256Hex("x"))));
}

TEST_F(BlobDirectoryTest, AFullDiskLosesNothingAndSaysWhatToDo) {
  ASSERT_EQ(mkdir((path_ + "/small").c_str(), 0755), 0);
  if (mount("tmpfs", (path_ + "/small").c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "cannot mount a small file system: " << std::strerror(errno);
  }
  BlobDirectory blobs(path_ + "/small");
  const absl::Status full = Write(blobs);
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_THAT(std::string(full.message()), HasSubstr("--retain-info"));
  // What was appended before is there, and nothing of the piece that did not fit.
  EXPECT_EQ(blobs.Stored(id_).value(), 2 * kPiece);
  EXPECT_EQ(mount("tmpfs", (path_ + "/small").c_str(), "tmpfs", MS_REMOUNT, "size=4m"), 0);
  EXPECT_TRUE(Write(blobs, 2 * kPiece).ok());
  EXPECT_TRUE(Complete(blobs).ok());
  EXPECT_EQ(ReadWhole(blobs), bytes_);
  umount((path_ + "/small").c_str());
}

TEST_F(BlobDirectoryTest, ADirectoryThatIsAwayIsUnavailable) {
  BlobDirectory blobs(path_ + "/nowhere");
  EXPECT_TRUE(absl::IsUnavailable(blobs.Begin(id_, 0)));
  EXPECT_TRUE(absl::IsUnavailable(blobs.Identity().status()));
  EXPECT_THAT(std::string(blobs.SetIdentity("x").message()), HasSubstr("mounted"));
}

TEST_F(BlobDirectoryTest, ListsAndRemovesWhatIsOldAlone) {
  BlobDirectory blobs(path_);
  ASSERT_TRUE(Write(blobs).ok());
  const int shard = std::stoi(id_.substr(0, 2), nullptr, 16);
  std::ofstream(path_ + "/" + id_.substr(0, 2) + "/notes.txt") << "somebody's";
  const absl::Time soon = absl::Now() + absl::Minutes(1);
  EXPECT_THAT(blobs.ListOld(shard, soon).value(), ElementsAre(id_));
  EXPECT_THAT(blobs.ListOld(shard, absl::Now() - absl::Hours(1)).value(), IsEmpty());
  EXPECT_THAT(blobs.ListOld((shard + 1) % 256, soon).value(), IsEmpty());
  ASSERT_TRUE(blobs.RemoveOld({id_}, absl::Now() - absl::Hours(1)).ok());
  EXPECT_TRUE(fs::exists(File(".part")));
  ASSERT_TRUE(blobs.RemoveOld({id_}, soon).ok());
  EXPECT_FALSE(fs::exists(File(".part")));
  EXPECT_TRUE(fs::exists(path_ + "/" + id_.substr(0, 2) + "/notes.txt"));
}

TEST_F(BlobDirectoryTest, KnowsWhoseItIs) {
  BlobDirectory blobs(path_);
  EXPECT_FALSE(blobs.Identity()->has_value());
  EXPECT_TRUE(blobs.IsEmpty());
  ASSERT_TRUE(blobs.SetIdentity(id_).ok());
  EXPECT_EQ(blobs.Identity().value(), id_);
  EXPECT_TRUE(blobs.IsEmpty());
  ASSERT_TRUE(Write(blobs).ok());
  EXPECT_FALSE(blobs.IsEmpty());
}

}  // namespace
}  // namespace aislewatch::events
