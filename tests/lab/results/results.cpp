#include "lab/results/export.hpp"
#include "lab/results/filter.hpp"
#include "lab/results/overview.hpp"
#include "lab/results/text.hpp"
#include "models/errors.hpp"
#include "tests/formats/scratch_folder.hpp"
#include "tests/lab/results/sample_database.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace switchyard;
using namespace switchyard::lab;
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

struct Sample {
    formats::ScratchFolder folder;
    std::string file = folder / "sample.db";
    Sample() { make_sample(file); }
};

std::uint64_t count_of(const ResultsDatabase& database, const std::string& condition) {
    return database.count(parse_condition(condition, database));
}

std::string csv(const std::string& file) {
    const ResultsDatabase database(file);
    std::ostringstream text;
    write_table(text, database, table_of_points(database, {}), ExportForm::csv);
    return text.str();
}

} // namespace

TEST_CASE("the columns of results have roles and units") {
    const Sample sample;
    const ResultsDatabase database(sample.file);
    CHECK(database.names(ColumnRole::parameter) == std::vector<std::string>{"slice", "model"});
    CHECK(database.names(ColumnRole::metric) == std::vector<std::string>{"overhead", "memory.resident"});
    CHECK(database.column("slice").unit == ValueUnit::seconds);
    CHECK(database.name() == "slices");
    CHECK(database.description("nothing").empty());
    CHECK_THROWS_MATCHES(database.column("slise"), InputError,
                         MessageMatches(ContainsSubstring("did you mean 'slice'?")));
}

TEST_CASE("conditions understand units, words and each other") {
    const Sample sample;
    const ResultsDatabase database(sample.file);
    CHECK(count_of(database, "slice >= 10ms") == 8);
    CHECK(count_of(database, "slice = 10 ms") == 4);
    CHECK(count_of(database, "slice != 0.01s") == 8);
    CHECK(count_of(database, "slice > 10ms and model = loop") == 2);
    CHECK(count_of(database, "slice < 10ms or not model = loop") == 8);
    CHECK(count_of(database, "(slice < 10ms or slice > 10ms) and model != 'loop'") == 4);
    CHECK(count_of(database, "memory.resident <= 1GiB") == 6);
    CHECK(count_of(database, "not memory.resident <= 1GiB") == 6); // the failed one is not known to be
    CHECK(count_of(database, "status != done") == 1);
    CHECK(count_of(database, "replication = 1") == 6);
    CHECK(count_of(database, "seed = 18446744073709551615") == 6);
    CHECK(count_of(database, "overhead >= -1s") == 11);
    // Computed times equal written ones.
    CHECK(database.count(compare_number("slice", "=", 3 * (0.1 / 3))) == 4);
}

TEST_CASE("a condition that means nothing is refused in one line with what to do") {
    const Sample sample;
    const ResultsDatabase database(sample.file);
    const auto refused = [&](const std::string& text, const std::string& why) {
        INFO(text);
        CHECK_THROWS_MATCHES(parse_condition(text, database), InputError, MessageMatches(ContainsSubstring(why)));
    };
    refused("slcie = 1ms", "did you mean 'slice'?");
    refused("slice = 1", "unit");
    refused("slice = 1KiB", "slice");
    refused("model = thread", "did you mean 'threads'?");
    refused("model > loop", "a word");
    refused("slice 1ms", "after 'slice' one of");
    refused("slice =", "missing");
    refused("(slice = 1ms", "never closed");
    refused("slice = 1ms model = loop", "does not belong");
    refused("", "missing");
    refused("model = 'loop", "quotation");
    refused("overhead = fast", "metric");
}

TEST_CASE("groups have means, and intervals over replications by Student's t") {
    const Sample sample;
    const ResultsDatabase database(sample.file);
    std::vector<ResultGroup> groups;
    for_each_group(database, {{"slice", "model"}, {"overhead"}, {}},
                   [&](const ResultGroup& group) { groups.push_back(group); });
    REQUIRE(groups.size() == 6);
    CHECK(groups[0].keys == std::vector<ResultValue>{0.001, "loop"});
    CHECK(*groups[0].metrics[0].mean() == Approx(1e-3).epsilon(1e-12));
    // 0.9 and 1.1: a deviation of 0.1 sqrt(2); t of 1 degree of freedom is 12.706.
    CHECK(*groups[0].metrics[0].half_interval(0.95) == Approx(12.706205 * 0.1e-3).epsilon(1e-6));
    CHECK(groups[5].points == 1);
    CHECK(!groups[5].metrics[0].half_interval(0.95));
}

TEST_CASE("what several cells have in common is no uncertainty of their mean") {
    // Two cells far from each other, with the same two replications: what is repeated is their mean.
    const Samples together{{1, 3, 101, 103}, {0, 1, 0, 1}};
    CHECK(*together.half_interval(0.95) == Approx(12.706205).epsilon(1e-6)); // of 51 and 53
    // A replication that one cell lacks does not count.
    const Samples incomplete{{1, 3, 101, 103, 5}, {0, 1, 0, 1, 2}};
    CHECK(*incomplete.half_interval(0.95) == Approx(12.706205).epsilon(1e-6));
}

TEST_CASE("aggregates are what their names say") {
    const Samples samples{{1, 2, 3, 4, 10}, {0, 1, 2, 3, 4}};
    const auto value = [&](const std::string& name) { return *value_of(parse_aggregate(name), samples, 0.95); };
    CHECK(value("mean") == 4);
    CHECK(value("median") == 3);
    CHECK(value("p25") == 2);
    CHECK(value("p100") == 10);
    CHECK(value("min") == 1);
    CHECK(value("max") == 10);
    CHECK(value("count") == 5);
    CHECK(value("deviation") == Approx(std::sqrt(50 / 4.0)));
    CHECK_THROWS_MATCHES(parse_aggregate("meen"), InputError, MessageMatches(ContainsSubstring("did you mean 'mean'")));
    CHECK_THROWS_AS(parse_aggregate("p101"), InputError);
}

TEST_CASE("an export is the same bytes in whatever order points were added") {
    const formats::ScratchFolder folder;
    make_sample(folder / "one.db");
    make_sample(folder / "other.db", true);
    const std::string text = csv(folder / "one.db");
    CHECK(text == csv(folder / "other.db"));
    CHECK(text.starts_with("slice,model,replication,seed,status,reason,overhead,memory.resident,identity\n"
                           "0.001,loop,0,5,done,,"));
    CHECK_THAT(text, ContainsSubstring("0.001,loop,1,18446744073709551615,done,,"));
    CHECK_THAT(text, ContainsSubstring("0.1,threads,1,18446744073709551615,failed,\"a deadlock, with a comma\",,,"));
    CHECK(std::ranges::count(text, '\n') == 13);
}

TEST_CASE("JSON has columns with units and rows in the same order") {
    const Sample sample;
    const ResultsDatabase database(sample.file);
    std::ostringstream text;
    GroupTableQuery query;
    query.groups = {{"model"}, {"overhead"}, parse_condition("slice = 1ms", database)};
    query.aggregates = {parse_aggregate("mean"), parse_aggregate("interval"), parse_aggregate("p99.9")};
    query.order = {parse_sort_key("-overhead")};
    write_table(text, database, table_of_groups(database, query), ExportForm::json);
    const auto json = nlohmann::json::parse(text.str());
    CHECK(json["kind"] == "sweep results");
    REQUIRE(json["columns"].size() == 6);
    CHECK(json["columns"][2] == nlohmann::json{{"name", "overhead.mean"}, {"role", "metric"}, {"unit", "seconds"}});
    CHECK(json["columns"][3]["name"] == "overhead.low");
    CHECK(json["columns"][5]["name"] == "overhead.p99.9");
    REQUIRE(json["rows"].size() == 2);
    CHECK(json["rows"][0][0] == "threads"); // has more of it
    CHECK(json["rows"][1][1] == 2);
    query.columns = {"model", "overhead"}; // a metric stands for all that is said of it
    CHECK(table_of_groups(database, query).columns.size() == 5);
    query.columns = {"overheat"};
    CHECK_THROWS_AS(table_of_groups(database, query), InputError);
    query.columns = {};
    query.limit = 1;
    int rows = 0;
    table_of_groups(database, query).for_each([&](const auto&) { ++rows; });
    CHECK(rows == 1);
}

TEST_CASE("an overview says what varies, what failed and why") {
    const Sample sample;
    const SweepOverview overview = overview_of(ResultsDatabase(sample.file));
    CHECK(overview.points == 12);
    CHECK(overview.done == 11);
    REQUIRE(overview.failures.size() == 1);
    CHECK(overview.failures[0].reason == "a deadlock, with a comma");
    CHECK(values_text(overview.parameters[0]) == "1 ms, 10 ms, 100 ms");
    CHECK(overview.parameters[1].values == 2);
}

TEST_CASE("results can be read while a sweep writes them, as of one instant") {
    const formats::ScratchFolder folder;
    const std::string file = folder / "live.db";
    SampleDatabase writer(file, {{"n", "parameter", "none", "n"}, {"m", "metric", "count", "m"}});
    writer.add({{1.0}, 0, {1}});
    const ResultsDatabase reader(file);
    CHECK(reader.count() == 1);
    writer.add({{2.0}, 0, {1}}); // is not kept from it
    CHECK(reader.count() == 1);
    CHECK(ResultsDatabase(file).count() == 2);
}

TEST_CASE("what is no database of results is refused with what to do") {
    const formats::ScratchFolder folder;
    const auto refused = [&](const std::string& file, const std::string& why) {
        CHECK_THROWS_MATCHES(ResultsDatabase(file), InputError, MessageMatches(ContainsSubstring(why)));
    };
    refused(folder / "missing.db", "there is no such file");
    refused((folder / "missing.db").substr(0, (folder / "missing.db").rfind('/')), "is a folder");
    std::ofstream(folder / "text.db") << "slice,model\n1,2\n";
    refused(folder / "text.db", "give a database that 'switchyard sweep FILE -o DB' wrote");
    {
        SampleDatabase other(folder / "other.db", {});
        other.run("PRAGMA application_id = 1");
    }
    refused(folder / "other.db", "is no database of sweep results");
    {
        SampleDatabase newer(folder / "newer.db", {});
        newer.run("PRAGMA user_version = 2");
    }
    refused(folder / "newer.db", "newer version");
}

TEST_CASE("values are shown in the unit that suits them") {
    CHECK(number_text(0.01, ValueUnit::seconds) == "10 ms");
    CHECK(number_text(0.0219, ValueUnit::seconds) == "21.9 ms");
    CHECK(number_text(-3e-9, ValueUnit::seconds) == "-3 ns");
    CHECK(number_text(86'400, ValueUnit::seconds) == "24 h");
    CHECK(number_text(65536, ValueUnit::bytes) == "64 KiB");
    CHECK(number_text(0.125, ValueUnit::share) == "12.5 %");
    CHECK(number_text(123456, ValueUnit::count) == "123456");
    CHECK(number_text(0, ValueUnit::seconds) == "0 s");
    CHECK(mean_text(0.0219, 0.0003, ValueUnit::seconds) == "21.9 ± 0.3 ms");
    CHECK(mean_text(0.0219, 0.0, ValueUnit::seconds) == "21.9 ms");
    CHECK(value_text({}, ValueUnit::seconds) == "-");
    CHECK(exact_number(0.1) == "0.1");
}
