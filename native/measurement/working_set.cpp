#include "native/measurement/working_set.hpp"

#include <algorithm>
#include <bit>

namespace switchyard::native {

static constexpr std::uint64_t multiplier = 0x5851F42D4C957F2D; // Knuth's MMIX: 1 modulo 4
static constexpr std::uint64_t increment = 0x14057B7EF767814F;

WorkingSetWalk::WorkingSetWalk(const std::byte* begin, std::uint64_t bytes)
    : begin_(begin),
      lines_(std::max<std::uint64_t>((bytes + cache_line_bytes - 1) / cache_line_bytes, 1)),
      mask_(std::bit_ceil(lines_) - 1),
      shift_(std::max(static_cast<unsigned>(std::bit_width(mask_)) / 2, 1u)) {}

void WorkingSetWalk::go_on_from(std::uint64_t state) {
    state_ = state & mask_;
    while (line_of(state_) >= lines_) state_ = (state_ * multiplier + increment) & mask_;
}

#if defined(__clang__)
[[gnu::noinline]]
#else
[[gnu::noipa]]
#endif
void WorkingSetWalk::over(std::uint64_t lines) {
    std::uint64_t state = state_;
    for (; lines > 0; --lines) {
        std::uint64_t nothing =
            *reinterpret_cast<const volatile unsigned char*>(begin_ + line_of(state) * cache_line_bytes);
#if defined(__x86_64__)
        asm volatile("and $0, %0" : "+r"(nothing)); // 0, but not before the load is over
#elif defined(__aarch64__)
        asm volatile("and %0, %0, xzr" : "+r"(nothing));
#else
        nothing = 0;
        asm volatile("" : "+r"(nothing) : : "memory");
#endif
        state += nothing;
        do state = (state * multiplier + increment) & mask_;
        while (line_of(state) >= lines_);
    }
    state_ = state;
}

} // namespace switchyard::native
