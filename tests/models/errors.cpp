#include "models/errors.hpp"

#include "tests/models/says.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cerrno>

using namespace switchyard;

TEST_CASE("a place is written as compilers do") {
    CHECK(SourceLocation{"two.yaml", 7, 12}.text() == "two.yaml:7:12");
    CHECK(SourceLocation{"two.yaml", 0, 0}.text() == "two.yaml");
    CHECK(SourceLocation{}.text().empty());
}

TEST_CASE("bad input says where it is") {
    CHECK(std::string(InputError("no", {"two.yaml", 7, 12}).what()) == "two.yaml:7:12: no");
    CHECK(std::string(InputError("no").what()) == "no");
}

TEST_CASE("a place is added to an error that has none, and kept where there is one") {
    const InputError nowhere("no");
    const InputError somewhere = nowhere.at({"two.yaml", 7, 12});
    CHECK(std::string(somewhere.what()) == "two.yaml:7:12: no");
    CHECK(std::string(somewhere.at({"other.yaml", 1, 1}).what()) == "two.yaml:7:12: no");
    CHECK(somewhere.message() == "no");
}

TEST_CASE("a system call that failed says which and why") {
    CHECK_THROWS_MATCHES(throw SystemError::from_errno("opening 'x'", ENOENT), SystemError,
                         says("opening 'x': No such file"));
}
