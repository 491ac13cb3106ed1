#include "sim/memory/address_space/region.hpp"

namespace switchyard::sim::memory {

Layout layout_32_bit() {
    Layout layout;
    layout.levels = 2;
    layout.index_bits = 10;
    layout.text = 0x8048;
    layout.stack_end = 0xbffff;
    layout.mappings_end = 0xbf000;
    return layout;
}

Layout layout_4_level() { return {}; }

Layout layout_5_level() {
    Layout layout;
    layout.levels = 5;
    layout.stack_end = 0xfff'ffff'ffff;
    layout.mappings_end = 0xfff'ffff'f000;
    return layout;
}

} // namespace switchyard::sim::memory
