#include "lab/calibrate/journal.hpp"

#include "formats/json/document.hpp"
#include "models/errors.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sstream>
#include <sys/file.h>
#include <unistd.h>

namespace switchyard::lab {

namespace {

using formats::Json;
using formats::JsonValue;

constexpr int journal_version = 1;

Json json_of(const JournalHeader& header) {
    return {{"calibration_journal", journal_version},
            {"tool", header.tool},
            {"machine", header.machine},
            {"probes", header.probes},
            {"begun", header.begun}};
}

Json json_of(const JournalEntry& entry) {
    Json json{{"round", entry.round},
              {"probe", entry.probe},
              {"amount", entry.amount},
              {"iteration_ps", entry.figure.iteration_picoseconds},
              {"samples", entry.figure.samples},
              {"dropped", entry.figure.dropped},
              {"unsteady", entry.figure.unsteady},
              {"failure", entry.failure},
              {"notes", entry.notes},
              {"seconds", entry.seconds},
              {"asked_seconds", entry.asked_seconds},
              {"foreign_load", entry.foreign_load},
              {"again", entry.again}};
    if (entry.figure.median) json["median"] = *entry.figure.median;
    return json;
}

JournalEntry entry_from(const JsonValue& json) {
    JournalEntry entry;
    entry.round = json["round"].small_count();
    entry.probe = json["probe"].text();
    entry.amount = json["amount"].integer(0, std::numeric_limits<std::int64_t>::max());
    entry.figure.iteration_picoseconds = json["iteration_ps"].number();
    entry.figure.samples = json["samples"].count();
    entry.figure.dropped = json["dropped"].count();
    entry.figure.unsteady = json["unsteady"].boolean();
    if (const auto median = json.find("median")) entry.figure.median = median->number();
    entry.failure = json["failure"].text();
    entry.notes = json["notes"].texts();
    entry.seconds = json["seconds"].number();
    entry.asked_seconds = json["asked_seconds"].number();
    entry.foreign_load = json["foreign_load"].number();
    entry.again = json["again"].small_count();
    return entry;
}

// Why what stands under the header in the file does not belong to this calibration; empty where it does.
std::string why_not(const JsonValue& json, const JournalHeader& header) {
    if (json["calibration_journal"].integer(0, 1'000'000) != journal_version || json["tool"].text() != header.tool)
        return "another version or another way of calibrating wrote it";
    if (json["machine"].text() != header.machine) return "the machine or its kernel is another one";
    if (json["probes"].text() != header.probes) return "other probes are asked for, or in other ways";
    const std::int64_t begun = json["begun"].integer(0, std::numeric_limits<std::int64_t>::max());
    if (begun > header.begun || header.begun - begun > most_journal_seconds)
        return fmt::format("it was begun more than {} minutes ago", most_journal_seconds / 60);
    return {};
}

std::string read_all(int file) {
    std::string text;
    char part[65536];
    for (ssize_t count = 0; (count = pread(file, part, sizeof part, static_cast<off_t>(text.size()))) > 0;)
        text.append(part, static_cast<std::size_t>(count));
    return text;
}

void append(int file, const std::string& path, const Json& json) {
    const std::string line = json.dump() + '\n';
    if (write(file, line.data(), line.size()) != std::ssize(line))
        throw SystemError::from_errno(fmt::format("writing {}", path), errno);
}

} // namespace

Journal::Journal(std::string path, const JournalHeader& header) : path_(std::move(path)), begun_(header.begun) {
    if (path_.empty()) return;
    file_ = open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file_ < 0) throw SystemError::from_errno(fmt::format("opening {}", path_), errno);
    if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
        close(file_);
        throw SystemError(
            fmt::format("another calibration is writing {}: wait for it, or write elsewhere (-o)", path_));
    }
    const std::string text = read_all(file_);
    std::size_t good = 0; // so many bytes are whole lines that count
    try {
        for (std::size_t end = 0; (end = text.find('\n', good)) != std::string::npos; good = end + 1) {
            const Json document = formats::parse_json(text.substr(good, end - good), path_);
            const JsonValue json(document, path_);
            if (good > 0) {
                entries_.push_back(entry_from(json));
                continue;
            }
            const std::string difference = why_not(json, header);
            if (!difference.empty()) {
                remark_ = fmt::format("{} does not count: {}; beginning anew", path_, difference);
                break;
            }
            begun_ = json["begun"].integer(0, std::numeric_limits<std::int64_t>::max());
        }
    } catch (const InputError&) { // what follows is no journal's
        if (good == 0) {
            close(file_);
            throw SystemError(fmt::format("{} is not the journal of a calibration: move it away", path_));
        }
    }
    if (good < text.size() && ftruncate(file_, static_cast<off_t>(good)) != 0)
        throw SystemError::from_errno(fmt::format("writing {}", path_), errno);
    if (good == 0) append(file_, path_, json_of(header));
}

Journal::~Journal() {
    if (file_ >= 0) close(file_);
}

const JournalEntry* Journal::find(std::uint32_t round, const std::string& probe, std::int64_t amount) const {
    for (const JournalEntry& entry : entries_)
        if (entry.round == round && entry.amount == amount && entry.probe == probe) return &entry;
    return nullptr;
}

void Journal::add(const JournalEntry& entry) {
    if (file_ >= 0) append(file_, path_, json_of(entry));
}

} // namespace switchyard::lab
