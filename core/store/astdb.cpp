#include "asterism/store/astdb.hpp"

#include "asterism/runtime/log.hpp"
#include "asterism/runtime/loop.hpp"
#include "core/store/astdb_disk.hpp"

namespace asterism::store {
namespace {

std::string path_of(std::string_view family, std::string_view key) {
    std::string path;
    path.reserve(family.size() + key.size() + 2);
    path += '/';
    path += family;
    path += '/';
    path += key;
    return path;
}

/// What stands before everything that del_tree and tree select; empty selects all.
std::string prefix_of(std::string_view family, std::string_view keytree) {
    if (family.empty()) return {};
    std::string prefix = "/" + std::string(family);
    if (!keytree.empty()) prefix += "/" + std::string(keytree);
    return prefix;
}

bool lies_under(std::string_view path, std::string_view prefix) {
    return prefix.empty() || (path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/'));
}

}  // namespace

AstDb::AstDb(Loop& loop, const std::string& path) : loop_(loop), self_(std::make_shared<AstDb*>(this)) {
    if (path.empty()) return;
    std::string error;
    disk_ = Disk::open(path, error);
    if (disk_ && !disk_->load(entries_, error)) disk_.reset();
    if (!disk_) log::error("AstDB: {}: {}; what is stored now lasts until the next stop", path, error);
}

AstDb::~AstDb() {
    flush();
    *self_ = nullptr;
}

std::optional<std::string> AstDb::get(std::string_view family, std::string_view key) const {
    auto at = entries_.find(path_of(family, key));
    if (at == entries_.end()) return std::nullopt;
    return at->second;
}

bool AstDb::exists(std::string_view family, std::string_view key) const {
    return entries_.contains(path_of(family, key));
}

bool AstDb::put(std::string_view family, std::string_view key, std::string_view value) {
    if (family.empty() || key.empty() || family.size() + key.size() + 2 >= max_path) return false;
    std::string path = path_of(family, key);
    entries_.insert_or_assign(path, std::string(value));
    write({Write::Kind::put, std::move(path), std::string(value)});
    return true;
}

bool AstDb::del(std::string_view family, std::string_view key) {
    auto at = entries_.find(path_of(family, key));
    if (at == entries_.end()) return false;
    write({Write::Kind::del, at->first, {}});
    entries_.erase(at);
    return true;
}

std::size_t AstDb::del_tree(std::string_view family, std::string_view keytree) {
    const std::string prefix = prefix_of(family, keytree);
    std::size_t removed = 0;
    for (auto at = entries_.lower_bound(prefix); at != entries_.end() && at->first.starts_with(prefix);) {
        if (!lies_under(at->first, prefix)) {
            ++at;
            continue;
        }
        write({Write::Kind::del, at->first, {}});
        at = entries_.erase(at);
        ++removed;
    }
    return removed;
}

std::vector<AstDb::Entry> AstDb::tree(std::string_view family, std::string_view keytree) const {
    const std::string prefix = prefix_of(family, keytree);
    std::vector<Entry> out;
    for (auto at = entries_.lower_bound(prefix); at != entries_.end() && at->first.starts_with(prefix); ++at) {
        if (lies_under(at->first, prefix)) out.push_back(*at);
    }
    return out;
}

std::vector<AstDb::Entry> AstDb::with_key(std::string_view key) const {
    std::vector<Entry> out;
    for (const auto& entry : entries_) {
        const std::string& path = entry.first;
        if (path.size() > key.size() && path.ends_with(key) && path[path.size() - key.size() - 1] == '/')
            out.push_back(entry);
    }
    return out;
}

void AstDb::write(Write change) {
    if (!disk_) return;
    disk_->add(std::move(change));
    unwritten_ = true;
    if (!writing_) start_batch();
}

void AstDb::start_batch() {
    writing_ = true;
    // Deferred: what the present turn goes on to write joins the batch.
    loop_.defer([self = self_] {
        AstDb* db = *self;
        if (!db) return;
        db->unwritten_ = false;
        db->loop_.blocking([disk = db->disk_] { disk->drain(); },
                           [self] {
                               if (*self) (*self)->batch_done();
                           });
    });
}

void AstDb::batch_done() {
    writing_ = false;
    if (unwritten_) start_batch();
}

void AstDb::flush() {
    if (disk_) disk_->drain();
}

}  // namespace asterism::store
