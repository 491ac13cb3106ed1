// A replacement policy for somebody who keeps the frames: a kernel that reclaims. It is told what comes, what is
// referenced and what goes for other reasons, and says which page to evict.
#pragma once

#include <cstdint>

namespace switchyard::sim::replacement {

class Policy {
public:
    virtual ~Policy() = default;

    // A page comes into memory that is not in it. The policy remembers what it has evicted, where it is one that does.
    virtual void insert(std::uint64_t page) = 0;
    // A page in memory is referenced.
    virtual void referenced(std::uint64_t page, bool written = false) = 0;
    // The page to evict; it leaves. Precondition: size() > 0.
    virtual std::uint64_t evict() = 0;
    // The page is gone, and not because it was evicted; nothing is remembered of it.
    virtual void remove(std::uint64_t page) = 0;
    [[nodiscard]] virtual bool contains(std::uint64_t page) const = 0;
    // Pages in memory.
    [[nodiscard]] virtual std::uint32_t size() const = 0;

protected:
    Policy() = default;
    Policy(const Policy&) = default;
    Policy& operator=(const Policy&) = default;
};

} // namespace switchyard::sim::replacement
