// switchyard pages: a trace of references replayed under page replacement policies, and miss-ratio curves.
#include "cli/command.hpp"
#include "cli/progress.hpp"
#include "cli/table.hpp"
#include "formats/files.hpp"
#include "formats/json/document.hpp"
#include "formats/reference_trace.hpp"
#include "models/errors.hpp"
#include "models/units/text.hpp"
#include "sim/memory/miss_ratio/optimal_stack.hpp"
#include "sim/memory/miss_ratio/sampling.hpp"
#include "sim/memory/miss_ratio/stack_distance.hpp"
#include "sim/memory/replacement/optimal.hpp"
#include "sim/memory/replacement/registry.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <optional>

namespace switchyard::cli {

namespace {

using namespace sim::replacement;
using namespace sim::miss_ratio;

struct Options {
    std::string trace = "-";
    std::vector<std::string> policies{"lru"};
    std::vector<std::uint32_t> frames;
    std::string curve_file;
    std::string page_size = "4KiB";
    std::string kinds;
    std::string sample;
    std::uint32_t sample_pages = 0;
    std::uint64_t seed = 0;
    bool data_only = false;
    bool collapse = false;
    bool json = false;
};

// Which references count: a bit by kind.
unsigned kinds_of(const Options& options) {
    if (options.data_only && !options.kinds.empty()) throw InputError("--data-only and --kinds exclude each other");
    const std::string letters = options.data_only ? "LSM" : options.kinds.empty() ? "ILSM" : options.kinds;
    unsigned kinds = 1; // page numbers have no kind
    for (const char letter : letters) {
        const std::size_t at = std::string_view("ILSM").find(letter);
        if (at == std::string_view::npos)
            throw InputError(
                fmt::format("--kinds {}: of the letters I (instructions), L (loads), S (stores), M (modifies) "
                            "one or more are meant",
                            letters));
        kinds |= 2U << at;
    }
    return kinds;
}

unsigned page_bits_of(const std::string& text) {
    const Bytes size = parse_size(text);
    if (size.count <= 0 || !std::has_single_bit(static_cast<std::uint64_t>(size.count)))
        throw InputError(fmt::format("--page-size {}: a power of two is needed", text));
    return static_cast<unsigned>(std::countr_zero(static_cast<std::uint64_t>(size.count)));
}

// The pages of a trace, as many at once as suit the caches.
class PageStream {
public:
    PageStream(const Options& options, std::stop_token stop)
        : trace_(options.trace, stop),
          stop_(std::move(stop)),
          kinds_(kinds_of(options)),
          page_bits_(page_bits_of(options.page_size)),
          collapse_(options.collapse),
          references_(4096) {}

    // Empty at the end.
    std::span<const std::uint64_t> next() {
        pages_.clear();
        while (pages_.empty() && !stop_.stop_requested()) {
            const std::size_t count = trace_.read(references_);
            if (count == 0) break;
            for (std::size_t i = 0; i < count; ++i) {
                const formats::MemoryReference& one = references_[i];
                if ((kinds_ >> static_cast<unsigned>(one.kind) & 1U) == 0) continue;
                const std::uint64_t page = one.page(page_bits_);
                if (collapse_ && latest_ == page) continue;
                if (collapse_) latest_ = page;
                pages_.push_back(page);
            }
        }
        return pages_;
    }
    [[nodiscard]] double fraction_read() const { return trace_.fraction_read(); }

private:
    formats::ReferenceTrace trace_;
    std::stop_token stop_;
    unsigned kinds_;
    unsigned page_bits_;
    bool collapse_;
    std::optional<std::uint64_t> latest_;
    std::vector<formats::MemoryReference> references_;
    std::vector<std::uint64_t> pages_;
};

struct Line {
    PolicyChoice policy;
    std::uint32_t frames = 0;
    std::unique_ptr<HashedReplay> replay; // none where the future has to be known
    std::uint64_t misses = 0;
};

// A curve as points of frames and misses per reference.
struct Curve {
    std::string title;
    std::vector<SampledCurve::Point> points;
};

Curve exact_curve(std::string title, const DepthHistogram& depths) {
    Curve curve{std::move(title), {}};
    const std::vector<std::uint64_t> misses = depths.misses();
    for (std::size_t frames = 0; frames < misses.size() && misses[0] > 0; ++frames)
        curve.points.push_back(
            {static_cast<double>(frames), static_cast<double>(misses[frames]) / static_cast<double>(misses[0])});
    return curve;
}

// Everything one pass feeds.
struct Replays {
    std::vector<Line> lines;
    std::optional<NextUses<HashedIndex>> future;
    std::optional<RecencyCurve> recency;
    std::optional<SampledCurve> sampled;
    bool wants_optimal_curve = false;
    std::uint64_t references = 0;
};

Replays prepare(const Options& options) {
    Replays replays;
    for (const std::string& text : options.policies) {
        const PolicyChoice choice = parse_policy(text);
        if (choice.description->knows_the_future()) replays.future.emplace();
        replays.wants_optimal_curve |= choice.description->knows_the_future() && !options.curve_file.empty();
        for (const std::uint32_t frames : options.frames) {
            Line& line = replays.lines.emplace_back(Line{choice, frames, nullptr, 0});
            if (choice.description->knows_the_future()) continue;
            line.replay = choice.description->make_hashed(
                sim::replacement::Options(frames, 0, line.policy.parameters, options.seed));
        }
    }
    const bool samples = !options.sample.empty() || options.sample_pages > 0;
    if (samples && options.curve_file.empty()) throw InputError("--sample and --sample-pages need --mrc");
    if (!options.sample.empty() && options.sample_pages > 0)
        throw InputError("--sample and --sample-pages exclude each other");
    if (options.frames.empty() && options.curve_file.empty())
        throw InputError("what is wanted? Give --frames, --mrc or both");
    if (!options.sample.empty()) {
        const double rate = parse_share(options.sample);
        if (rate <= 0 || rate > 1)
            throw InputError(fmt::format("--sample {}: more than 0 and at most 1", options.sample));
        replays.sampled.emplace(rate);
    } else if (options.sample_pages > 0) {
        replays.sampled = SampledCurve::of_pages(options.sample_pages);
    } else if (!options.curve_file.empty()) {
        replays.recency.emplace();
    }
    return replays;
}

void play(Replays& replays, PageStream& stream, const std::stop_token& stop) {
    ProgressBar progress("pages");
    for (auto pages = stream.next(); !pages.empty() && !stop.stop_requested(); pages = stream.next()) {
        for (Line& line : replays.lines)
            if (line.replay) line.replay->play(pages);
        if (replays.future) replays.future->add(pages);
        if (replays.recency) replays.recency->play(pages);
        if (replays.sampled) replays.sampled->play(pages);
        replays.references += pages.size();
        const std::string done =
            fmt::format("{:.0f} million references", static_cast<double>(replays.references) / 1e6);
        if (const double fraction = stream.fraction_read(); fraction >= 0)
            progress.show(fraction, done);
        else
            progress.show(done);
    }
    for (Line& line : replays.lines) {
        if (stop.stop_requested()) return;
        progress.show(fmt::format("{} with {} frames", line.policy.text, line.frames));
        line.misses = line.replay ? line.replay->misses() : optimal_misses(replays.future->times(), line.frames);
    }
}

std::vector<Curve> curves_of(const Replays& replays) {
    std::vector<Curve> curves;
    if (replays.recency) curves.push_back(exact_curve("lru", replays.recency->depths()));
    if (replays.sampled) curves.push_back({"lru", replays.sampled->curve()});
    if (replays.wants_optimal_curve) curves.push_back(exact_curve("opt", optimal_depths(replays.future->times())));
    return curves;
}

void write_curves(const std::string& file, const std::vector<Curve>& curves) {
    formats::write_file(file, [&](std::ostream& stream) {
        fmt::print(stream, "policy,frames,miss_ratio\n");
        for (const Curve& curve : curves)
            for (const auto& [frames, ratio] : curve.points)
                fmt::print(stream, "{},{:.0f},{:.9g}\n", curve.title, frames, ratio);
    });
}

double ratio_of(std::uint64_t misses, std::uint64_t references) {
    return references == 0 ? 0 : static_cast<double>(misses) / static_cast<double>(references);
}

void print_json(const Replays& replays) {
    formats::Json results = formats::Json::array();
    for (const Line& line : replays.lines)
        results.push_back({{"policy", line.policy.text},
                           {"frames", line.frames},
                           {"misses", line.misses},
                           {"miss_ratio", ratio_of(line.misses, replays.references)}});
    formats::Json document = {{"references", replays.references}, {"results", std::move(results)}};
    if (replays.recency) document["distinct_pages"] = replays.recency->distinct_pages();
    if (replays.future) document["distinct_pages"] = replays.future->distinct_pages();
    if (replays.sampled) document["sampled_references"] = replays.sampled->sampled();
    fmt::print("{}\n", document.dump(2));
}

void print_table(const Replays& replays) {
    Table table({{"policy", Align::left}, {"frames"}, {"references"}, {"misses"}, {"miss ratio"}});
    for (const Line& line : replays.lines)
        table.add({{line.policy.text},
                   {std::to_string(line.frames)},
                   {std::to_string(replays.references)},
                   {std::to_string(line.misses)},
                   {fmt::format("{:.4f} %", 100 * ratio_of(line.misses, replays.references))}});
    if (!replays.lines.empty()) fmt::print("{}", table.text(wants_colour()));
}

int run(const Options& options, const std::stop_token& stop) {
    Replays replays = prepare(options);
    PageStream stream(options, stop);
    if (replays.future && !options.json)
        fmt::print(stderr, "switchyard: opt has to know the future: 4 bytes of memory for every reference\n");
    play(replays, stream, stop);
    if (stop.stop_requested()) return interrupted;
    if (replays.references == 0)
        throw InputError("there are no references in it", {formats::shown_name(options.trace), 0, 0});
    if (!options.curve_file.empty()) write_curves(options.curve_file, curves_of(replays));
    if (options.json)
        print_json(replays);
    else
        print_table(replays);
    return succeeded;
}

std::string policy_list() {
    std::string text = "Policies:\n";
    for (const PolicyDescription& policy : policies()) {
        text += fmt::format("  {:<12} {} ({})\n", policy.name, policy.about, policy.source);
        for (const ParameterDescription& parameter : policy.parameters)
            text += fmt::format("  {:<12}   {}={}: {}\n", "", parameter.name, parameter.default_value, parameter.about);
    }
    return text;
}

} // namespace

std::function<int()> add_pages(CLI::App& app, std::stop_token stop) {
    auto options = std::make_shared<Options>();
    app.add_option("TRACE", options->trace,
                   "page numbers one a line, or what 'valgrind --tool=lackey --trace-mem=yes' prints, also compressed "
                   "with zstd; '-' or nothing reads standard input");
    app.add_option("--policy", options->policies, "policies, with parameters as in clock:bits=2 (default: lru)")
        ->delimiter(',')
        ->type_name("NAME,...");
    app.add_option("--frames", options->frames, "memory sizes in frames")
        ->delimiter(',')
        ->type_name("N,...")
        ->check(CLI::Range(std::uint32_t{1}, std::uint32_t{1} << 30));
    app.add_option("--mrc", options->curve_file,
                   "write the miss ratio at every memory size as CSV: LRU's, and OPT's where opt is among the policies")
        ->type_name("FILE");
    app.add_option("--sample", options->sample, "estimate LRU's curve from this share of the pages (SHARDS)")
        ->type_name("RATE");
    app.add_option("--sample-pages", options->sample_pages, "the same from at most so many pages, in bounded memory")
        ->type_name("N");
    app.add_option("--page-size", options->page_size, "of addresses (default: 4KiB)")->type_name("SIZE");
    app.add_flag("--data-only", options->data_only, "leave instruction fetches out, the same as --kinds LSM");
    app.add_option("--kinds", options->kinds, "which references count: letters of I, L, S, M (default: all)")
        ->type_name("LETTERS");
    app.add_flag("--collapse", options->collapse, "references to the page referenced just before do not count");
    app.add_option("--seed", options->seed, "of random draws (policy random)")->type_name("N");
    app.add_flag("--json", options->json, "print JSON, the stable form");
    app.footer(
        "A reference counts for the page of its first byte. Memory is bounded by the pages there are, not by the\n"
        "length of the trace; but opt keeps 4 bytes for every reference.\n"
        "  valgrind --tool=lackey --trace-mem=yes ls 2>&1 >/dev/null | switchyard pages --frames 50,100\n\n" +
        policy_list());
    return [options, stop] { return run(*options, stop); };
}

} // namespace switchyard::cli
