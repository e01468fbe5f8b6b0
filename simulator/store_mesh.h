// What the store looks like: floor, walls, shelves full of goods.
#pragma once

#include "simulator/mesh.h"
#include "simulator/random.h"
#include "simulator/store_layout.h"

namespace aislewatch::simulator {

/// The colour of a product's packaging.
Color ProductColor(Random& random);

/// Adds everything in the store that does not move. Some 100,000 triangles; drawn once per camera.
void BuildStoreMesh(const StoreLayout& layout, Random random, Mesh& mesh);

}  // namespace aislewatch::simulator
