// The three stage streams, described so that one server base and one client base serve them all.
//
// A stage's traits name its messages and give the few accessors in which they differ.
#pragma once

#include <grpcpp/client_context.h>

#include "aislewatch/v1/classification.grpc.pb.h"
#include "aislewatch/v1/fusion.grpc.pb.h"
#include "aislewatch/v1/ingest.grpc.pb.h"
#include "aislewatch/v1/pose.grpc.pb.h"

namespace aislewatch {

/// Frames in, tracked people out.
struct PoseStageTraits {
  static constexpr char kName[] = "pose";
  using Service = v1::PoseExtractionService;
  using Request = v1::ExtractPosesRequest;
  using Response = v1::ExtractPosesResponse;
  using Config = v1::PoseStreamConfig;
  using Item = v1::Frame;
  using Answer = v1::PoseFrame;
  static bool HasItem(const Request& r) { return r.has_frame(); }
  static Item* MutableItem(Request& r) { return r.mutable_frame(); }
  static bool HasAnswer(const Response& r) { return r.has_pose_frame(); }
  static Answer* MutableAnswer(Response& r) { return r.mutable_pose_frame(); }
  static google::protobuf::Duration* MutableProcessingTime(Answer& a) {
    return a.mutable_processing_time();
  }
  static void Open(Service::Stub& stub, grpc::ClientContext* context,
                   grpc::ClientBidiReactor<Request, Response>* reactor) {
    stub.async()->ExtractPoses(context, reactor);
  }
};

/// Person crops in, action probabilities out.
struct ClassifierStageTraits {
  static constexpr char kName[] = "classifier";
  using Service = v1::ShopliftingClassificationService;
  using Request = v1::ClassifyClipsRequest;
  using Response = v1::ClassifyClipsResponse;
  using Config = v1::ClassificationStreamConfig;
  using Item = v1::PersonCrops;
  using Answer = v1::ClipScores;
  static bool HasItem(const Request& r) { return r.has_crops(); }
  static Item* MutableItem(Request& r) { return r.mutable_crops(); }
  static bool HasAnswer(const Response& r) { return r.has_clip_scores(); }
  static Answer* MutableAnswer(Response& r) { return r.mutable_clip_scores(); }
  static google::protobuf::Duration* MutableProcessingTime(Answer& a) {
    return a.mutable_processing_time();
  }
  static void Open(Service::Stub& stub, grpc::ClientContext* context,
                   grpc::ClientBidiReactor<Request, Response>* reactor) {
    stub.async()->ClassifyClips(context, reactor);
  }
};

/// Observations in, risks and transitions out.
struct FusionStageTraits {
  static constexpr char kName[] = "fusion";
  using Service = v1::AnomalyFusionService;
  using Request = v1::FuseRequest;
  using Response = v1::FuseResponse;
  using Config = v1::FusionStreamConfig;
  using Item = v1::Observation;
  using Answer = v1::FusionResult;
  static bool HasItem(const Request& r) { return r.has_observation(); }
  static Item* MutableItem(Request& r) { return r.mutable_observation(); }
  static bool HasAnswer(const Response& r) { return r.has_result(); }
  static Answer* MutableAnswer(Response& r) { return r.mutable_result(); }
  static google::protobuf::Duration* MutableProcessingTime(Answer& a) {
    return a.mutable_processing_time();
  }
  static void Open(Service::Stub& stub, grpc::ClientContext* context,
                   grpc::ClientBidiReactor<Request, Response>* reactor) {
    stub.async()->Fuse(context, reactor);
  }
};

/// Frames in, verdicts out: what a store system speaks.
struct PushStageTraits {
  static constexpr char kName[] = "ingest";
  using Service = v1::FrameIngestService;
  using Request = v1::PushFramesRequest;
  using Response = v1::PushFramesResponse;
  using Config = v1::PushStreamConfig;
  using Item = v1::Frame;
  using Answer = v1::FrameVerdict;
  static bool HasItem(const Request& r) { return r.has_frame(); }
  static Item* MutableItem(Request& r) { return r.mutable_frame(); }
  static bool HasAnswer(const Response& r) { return r.has_verdict(); }
  static Answer* MutableAnswer(Response& r) { return r.mutable_verdict(); }
  static google::protobuf::Duration* MutableProcessingTime(Answer& a) {
    return a.mutable_timings()->mutable_total();
  }
  static void Open(Service::Stub& stub, grpc::ClientContext* context,
                   grpc::ClientBidiReactor<Request, Response>* reactor) {
    stub.async()->PushFrames(context, reactor);
  }
};

}  // namespace aislewatch
