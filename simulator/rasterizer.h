// Draws meshes into a picture with a depth buffer.
//
// A Canvas belongs to one thread. Drawing allocates only when a mesh is larger than any before.
#pragma once

#include <opencv2/core/mat.hpp>
#include <vector>

#include "simulator/camera.h"
#include "simulator/mesh.h"

namespace aislewatch::simulator {

/// Where light comes from. Directions point towards the light.
struct Lighting {
  Vec3 key{-0.35f, -0.35f, 0.87f};
  Vec3 fill{0.3f, -0.9f, 0.3f};
  float ambient = 0.42f;
  float key_strength = 0.48f;
  float fill_strength = 0.24f;
};

/// A picture being drawn.
class Canvas {
 public:
  explicit Canvas(FrameSize size);

  /// Fills all with `color` at infinite distance.
  void Clear(Color color);
  /// Copies colour and depth of `area` from a canvas of the same size.
  void Restore(const Canvas& from, const cv::Rect& area);
  /// Draws the mesh, shaded per corner. Triangles that reach nearer than 15 cm are left out.
  /// Returns the area that may have changed, clipped to the picture.
  cv::Rect Draw(const Mesh& mesh, const PinholeCamera& camera, const Lighting& lighting);
  /// Darkens the floor in a soft ellipse with half-axes on the floor (contact shadow). `strength`
  /// 0..1 in the middle. Returns the area that may have changed.
  cv::Rect DrawShadow(Vec3 centre, Vec3 axis_u, Vec3 axis_v, float strength,
                      const PinholeCamera& camera);

  /// 8-bit BGR.
  const cv::Mat& color() const { return color_; }
  /// Metres along the axis at a pixel; very large where nothing was drawn or outside.
  float DepthAt(int x, int y) const;

 private:
  struct ScreenVertex {
    float x, y;
    float inverse_depth;
    Color color;
    bool faces_camera;
  };
  void FillTriangle(const ScreenVertex& a, const ScreenVertex& b, const ScreenVertex& c);

  cv::Mat color_;          // 8UC3
  cv::Mat inverse_depth_;  // 32FC1: linear on the screen, larger is nearer, 0 is infinitely far
  std::vector<ScreenVertex> scratch_;
};

}  // namespace aislewatch::simulator
