#include <algorithm>

#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/function.hpp"

namespace asterism::dialplan {
namespace {

/// Lower case in a buffer on the stack: a look-up happens for every priority that runs.
class LowerCase {
  public:
    explicit LowerCase(std::string_view text) {
        size_ = std::min(text.size(), sizeof buffer_);
        for (std::size_t i = 0; i < size_; ++i) {
            const char c = text[i];
            buffer_[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
        }
    }
    [[nodiscard]] std::string_view view() const { return {buffer_, size_}; }

  private:
    char buffer_[128];
    std::size_t size_;
};

}  // namespace

void Applications::add(Application application) {
    ++version_;
    std::string key(LowerCase(application.name).view());
    by_name_.insert_or_assign(std::move(key), std::move(application));
}

void Applications::remove(std::string_view name) {
    ++version_;
    auto at = by_name_.find(LowerCase(name).view());
    if (at != by_name_.end()) by_name_.erase(at);
}

const Application* Applications::find(std::string_view name) const {
    auto at = by_name_.find(LowerCase(name).view());
    return at == by_name_.end() ? nullptr : &at->second;
}

std::vector<const Application*> Applications::all() const {
    std::vector<const Application*> out;
    out.reserve(by_name_.size());
    for (const auto& [key, application] : by_name_) out.push_back(&application);
    std::sort(out.begin(), out.end(),
              [](auto* a, auto* b) { return LowerCase(a->name).view() < LowerCase(b->name).view(); });
    return out;
}

void Functions::add(Function function) {
    std::string key = function.name;
    by_name_.insert_or_assign(std::move(key), std::move(function));
}

void Functions::remove(std::string_view name) {
    auto at = by_name_.find(name);
    if (at != by_name_.end()) by_name_.erase(at);
}

const Function* Functions::find(std::string_view name) const {
    auto at = by_name_.find(name);
    return at == by_name_.end() ? nullptr : &at->second;
}

std::vector<const Function*> Functions::all() const {
    std::vector<const Function*> out;
    out.reserve(by_name_.size());
    for (const auto& [key, function] : by_name_) out.push_back(&function);
    std::sort(out.begin(), out.end(), [](auto* a, auto* b) { return a->name < b->name; });
    return out;
}

}  // namespace asterism::dialplan
