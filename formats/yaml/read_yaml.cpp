#include "formats/yaml/read_yaml.hpp"

#include "formats/yaml/characters.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <istream>
#include <numeric>
#include <optional>
#include <streambuf>
#include <unordered_map>
#include <utility>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace switchyard::formats {

namespace {

Mark from(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// The second of two children with one key, and the first of them.
std::optional<std::pair<const Node*, const Node*>> duplicate_key(const std::vector<Node>& children) {
    std::vector<std::size_t> order(children.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto before = [&](std::size_t a, std::size_t b) {
        const int compared = children[a].key.compare(children[b].key);
        return compared != 0 ? compared < 0 : a < b;
    };
    std::sort(order.begin(), order.end(), before);
    std::optional<std::pair<const Node*, const Node*>> earliest;
    for (std::size_t i = 1; i < order.size(); ++i) {
        const Node& first = children[order[i - 1]];
        const Node& second = children[order[i]];
        if (first.key == second.key && (!earliest || &second < earliest->first)) earliest = {&second, &first};
    }
    return earliest;
}

// What to do about the complaints of yaml-cpp that are met most often, in place of its own words.
std::string advice(const std::string& complaint) {
    namespace Said = YAML::ErrorMsg;
    if (complaint == Said::MAP_VALUE) return "a ':' where no value can begin: quote the text, or check the indentation";
    if (complaint == Said::BLOCK_ENTRY) return "a '-' where no list item can begin: check the indentation";
    if (complaint == Said::TAB_IN_INDENTATION) return "a tab in the indentation: use spaces";
    if (complaint == Said::FLOW_END) return "a closing bracket that nothing opened";
    if (complaint == Said::END_OF_SEQ_FLOW) return "this list is not closed: ']' is missing";
    if (complaint == Said::END_OF_MAP_FLOW) return "this map is not closed: '}' is missing";
    if (complaint == Said::END_OF_MAP) return "this map is not indented evenly";
    if (complaint == Said::END_OF_SEQ) return "this list is not indented evenly";
    if (complaint == Said::EOF_IN_SCALAR) return "the file ends inside a quoted text: a closing quote is missing";
    if (complaint == Said::UNKNOWN_TOKEN) return "a character no plain text can begin with: quote the text";
    if (complaint == Said::UNKNOWN_ANCHOR) return "an alias to an anchor that is not defined before it";
    return "malformed YAML: " + complaint;
}

// What an alias would add to the tree.
struct Extent {
    std::size_t nodes = 1;
    std::size_t depth = 0; // collections inside one another
};

Extent extent_of(const Node& node) {
    Extent extent{1, node.is_scalar() ? 0U : 1U};
    for (const Node& child : node.children) {
        const Extent below = extent_of(child);
        extent.nodes += below.nodes;
        extent.depth = std::max(extent.depth, below.depth + 1);
    }
    return extent;
}

// Thrown through the parser when it has read far ahead of the events it gives.
struct ReadTooFarAhead {};

// The text as the parser reads it, a piece at a time.
class Source : public std::streambuf {
public:
    Source(std::string& text, std::size_t furthest) : furthest_(furthest) {
        setg(text.data(), text.data(), text.data() + text.size());
    }

    // What has been read up to here has become part of the tree.
    void caught_up() { ahead_ = 0; }

protected:
    std::streamsize xsgetn(char* to, std::streamsize count) override {
        const std::streamsize got = std::streambuf::xsgetn(to, count);
        ahead_ += static_cast<std::size_t>(got);
        if (ahead_ > furthest_) throw ReadTooFarAhead();
        return got;
    }

private:
    std::size_t furthest_;
    std::size_t ahead_ = 0;
};

// Builds the tree from the parser's events.
class TreeBuilder : public YAML::EventHandler {
public:
    TreeBuilder(Source& source, const std::string& file_name, const YamlLimits& limits)
        : source_(source), file_(std::make_shared<const std::string>(file_name)), limits_(limits) {}

    [[nodiscard]] Node take() { return std::move(root_); }

    // Where the innermost collection begins that is not closed yet.
    [[nodiscard]] std::optional<Mark> innermost_open() const {
        return open_.empty() ? std::nullopt : std::optional(open_.back().node.mark);
    }

    // The key whose value is being read, or the collection.
    [[nodiscard]] Mark current() const {
        if (open_.empty()) return {1, 1};
        return open_.back().has_key ? open_.back().key_mark : open_.back().node.mark;
    }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (std::exchange(started_, true)) fail(from(mark), "a second document begins here: one file is one document");
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        // The mark of an empty value is that of whatever follows; the key is nearer to what was meant.
        const bool after_key = !open_.empty() && open_.back().has_key;
        add(Node{.mark = after_key ? open_.back().key_mark : from(mark), .file = file_}, anchor);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        if (tag != "?" && tag != "!") refuse_tag(mark, tag);
        add(Node{.quoted = tag == "!", .mark = from(mark), .file = file_, .text = value}, anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto anchored = anchored_.find(anchor);
        if (anchored == anchored_.end()) fail(from(mark), "this alias stands inside what it refers to");
        const Extent extent = extent_of(anchored->second);
        count_copies(from(mark), extent.nodes);
        check_depth(from(mark), open_.size() + extent.depth);
        nodes_ += extent.nodes - 1;
        Node copy = anchored->second;
        copy.mark = from(mark);
        add(std::move(copy), 0);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        begin(Node::Kind::sequence, mark, tag, anchor);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        begin(Node::Kind::map, mark, tag, anchor);
    }
    void OnSequenceEnd() override { end(); }
    void OnMapEnd() override {
        if (const auto duplicate = duplicate_key(open_.back().node.children)) {
            const auto [second, first] = *duplicate;
            fail(second->key_mark, fmt::format("duplicate key {}: first given at {}:{}", shown(second->key),
                                               first->key_mark.line, first->key_mark.column));
        }
        end();
    }

private:
    // A collection whose end has not come yet, and in a map the key that waits for its value.
    struct Open {
        Node node = {};
        YAML::anchor_t anchor = 0;
        bool has_key = false;
        std::string key = {};
        Mark key_mark = {};
    };

    [[noreturn]] void fail(Mark mark, const std::string& message) const {
        throw InputError(message, {*file_, mark.line, mark.column});
    }

    [[noreturn]] void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
        fail(from(mark), fmt::format("tag {}: tags are not supported, leave it out", shown(tag)));
    }

    void check_depth(Mark mark, std::size_t depth) const {
        if (depth > limits_.depth) fail(mark, fmt::format("nested deeper than {} levels", limits_.depth));
    }

    void count_copies(Mark mark, std::size_t nodes) {
        copied_ += nodes;
        if (copied_ > limits_.copied)
            fail(mark, fmt::format("anchors and aliases copy more than {} values", limits_.copied));
    }

    void begin(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        source_.caught_up();
        if (tag != "?") refuse_tag(mark, tag);
        check_depth(from(mark), open_.size() + 1);
        open_.push_back({.node = Node{.kind = kind, .mark = from(mark), .file = file_}, .anchor = anchor});
    }

    void end() {
        Open done = std::move(open_.back());
        open_.pop_back();
        add(std::move(done.node), done.anchor);
    }

    // A finished value takes its place: as key, as child, or as the whole document.
    void add(Node node, YAML::anchor_t anchor) {
        source_.caught_up();
        if (++nodes_ > limits_.nodes) fail(node.mark, fmt::format("more than {} values", limits_.nodes));
        if (anchor != 0) {
            count_copies(node.mark, extent_of(node).nodes);
            anchored_[anchor] = node;
        }
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.is_sequence()) {
            parent.node.children.push_back(std::move(node));
            return;
        }
        if (!parent.has_key) {
            if (!node.is_scalar()) fail(node.mark, "a key must be a plain text, not a list or a map");
            if (node.text == "<<" && !node.quoted)
                fail(node.mark, "merge keys ('<<') are not supported: write the keys out");
            parent.has_key = true;
            parent.key = std::move(node.text);
            parent.key_mark = node.mark;
            return;
        }
        node.key = std::move(parent.key);
        node.key_mark = parent.key_mark;
        parent.has_key = false;
        parent.node.children.push_back(std::move(node));
    }

    Source& source_;
    std::shared_ptr<const std::string> file_;
    YamlLimits limits_;
    Node root_;
    std::vector<Open> open_;
    std::unordered_map<YAML::anchor_t, Node> anchored_;
    std::size_t nodes_ = 0;
    std::size_t copied_ = 0;
    bool started_ = false;
};

} // namespace

Node read_yaml(std::string text, const std::string& file_name, const YamlLimits& limits) {
    if (text.size() > limits.bytes)
        throw InputError(fmt::format("larger than the {} MiB allowed", limits.bytes >> 20), {file_name, 0, 0});
    check_characters(text, file_name);

    Source source(text, limits.whole);
    std::istream stream(&source);
    TreeBuilder builder(source, file_name, limits);
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const ReadTooFarAhead&) {
        throw InputError(
            fmt::format("a list or map in brackets or a text here is larger than {} KiB: write a list in lines, "
                        "with '-' before each item",
                        limits.whole >> 10),
            {file_name, builder.current().line, builder.current().column});
    } catch (const YAML::Exception& error) {
        // At the end of the text yaml-cpp has no mark to give; what is missing belongs to what is still open.
        const bool at_end = error.mark.is_null() || error.msg.starts_with("end of ");
        const Mark mark = at_end ? builder.innermost_open().value_or(from(error.mark)) : from(error.mark);
        throw InputError(advice(error.msg), {file_name, mark.line, mark.column});
    }
    return builder.take();
}

} // namespace switchyard::formats
