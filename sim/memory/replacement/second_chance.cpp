#include "sim/memory/replacement/clock.hpp"
#include "sim/memory/replacement/clock_in_blocks.hpp"
#include "sim/memory/replacement/least_frequently_used.hpp"
#include "sim/memory/replacement/make_policy.hpp"
#include "sim/memory/replacement/s3_fifo.hpp"
#include "sim/memory/replacement/sieve.hpp"

#include <array>

namespace switchyard::sim::replacement {

PolicyDescription clock_description() {
    static constexpr std::array parameters{
        ParameterDescription{"bits", "1", "of a page's counter: it is passed over up to 2^bits - 1 times"}};
    PolicyDescription description =
        with_makers<Clock>({.name = "clock",
                            .about = "second chance: a hand goes round and takes what was not referenced meanwhile",
                            .source = "Corbato 1968",
                            .parameters = parameters});
    description.make_hashed = [](const Options& options) -> std::unique_ptr<HashedReplay> {
        return std::make_unique<ClockInBlocks<HashedPlaces>>(options);
    };
    description.make_direct = [](const Options& options) -> std::unique_ptr<DirectReplay> {
        return std::make_unique<ClockInBlocks<DirectPlaces>>(options);
    };
    return description;
}
PolicyDescription sieve_description() {
    return with_makers<Sieve>({.name = "sieve",
                               .about = "a hand sifts the queue in place; new pages come where it gets to last",
                               .source = "Zhang et al. 2024"});
}
PolicyDescription s3_fifo_description() {
    static constexpr std::array parameters{
        ParameterDescription{"small", "10%", "of the frames: the queue of new pages"},
        ParameterDescription{"ghost", "90%", "of the frames: how many pages that left it are remembered"}};
    return with_makers<S3Fifo>({.name = "s3-fifo",
                                .about = "a small queue for new pages, a main one for those wanted again",
                                .source = "Yang et al. 2023",
                                .parameters = parameters});
}
PolicyDescription least_frequently_used_description() {
    return with_makers<LeastFrequentlyUsed>({.name = "lfu",
                                             .about = "the page referenced least often since it came goes",
                                             .source = "Shah, Mitra, Matani 2010"});
}

} // namespace switchyard::sim::replacement
