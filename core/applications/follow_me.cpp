// followme.conf, and the application's entry. follow_me_run.cpp is what it does.
#include "asterism/applications/follow_me.hpp"

#include <algorithm>

#include "asterism/config/options.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/follow_me_run.hpp"

namespace asterism::applications {
namespace {

using config::Set;
using Profile = FollowMeProfile;

constexpr std::size_t max_numbers = 100;

/// "number[&number],timeout[,order]"
Set add_step(Profile& profile, std::string_view text) {
    const Arguments args(text, ',', 3);
    Profile::Step step;
    step.numbers = split_names(config::trim(args[0]));
    if (step.numbers.empty()) return std::unexpected("a number is missing");
    if (step.numbers.size() > max_numbers || profile.steps.size() >= max_numbers) {
        return std::unexpected("more than " + std::to_string(max_numbers) + " numbers");
    }
    if (args.has(1)) {
        const auto seconds = config::parse_int(config::trim(args[1]));
        if (!seconds || *seconds < 1 || *seconds > 86400) return std::unexpected("the time is 1..86400 seconds");
        step.timeout = std::chrono::seconds(*seconds);
    }
    step.order = profile.steps.empty() ? 1 : profile.steps.back().order + 1;
    if (args.has(2)) {
        const auto order = config::parse_int(config::trim(args[2]));
        if (!order || *order < 0 || *order > 10000) return std::unexpected("the order is 0..10000");
        step.order = static_cast<int>(*order);
    }
    const auto at = std::ranges::upper_bound(profile.steps, step.order, {}, &Profile::Step::order);
    profile.steps.insert(at, std::move(step));
    return {};
}

config::Option<Profile> prompt(const char* name, const char* other_name, const char* by_default, const char* meaning,
                               std::string Profile::* member, bool alias) {
    return config::string<Profile>(alias ? other_name : name, by_default, meaning, member);
}

/// [general] and the profiles have the same options; each prompt may be written with _ or with -.
std::vector<config::Option<Profile>> rows() {
    std::vector<config::Option<Profile>> all = {
        config::milliseconds<Profile>("featuredigittimeout", "5000", "how long the callee may take for each digit",
                                      &Profile::digit_timeout),
        config::boolean<Profile>("enable_callee_prompt", "true", "whoever answers is asked whether to take the call",
                                 &Profile::asks_callee),
        config::string<Profile>("takecall", "1", "digits that take the call", &Profile::take_digits),
        config::string<Profile>("declinecall", "2", "digits that refuse it", &Profile::decline_digits),
        config::string<Profile>("musicclass", "default", "what the caller hears meanwhile", &Profile::music_class),
        config::string<Profile>("context", "default", "where the numbers are dialled", &Profile::context),
        config::custom("number", "number[&number],timeout[,order]", "", "whom to call, and for how many seconds",
                       [](Profile& profile, std::string_view text) { return add_step(profile, text); })};
    for (const bool alias : {false, true}) {
        all.push_back(prompt("call_from_prompt", "call-from-prompt", "followme/call-from",
                             "tells the callee that there is a call, before the caller's name",
                             &Profile::call_from_prompt, alias));
        all.push_back(prompt("norecording_prompt", "followme-norecording-prompt", "followme/no-recording",
                             "the same where the caller's name was not recorded", &Profile::no_recording_prompt,
                             alias));
        all.push_back(prompt("options_prompt", "options-prompt", "followme/options", "tells the callee the digits",
                             &Profile::options_prompt, alias));
        all.push_back(prompt("pls_hold_prompt", "pls-hold-prompt", "followme/pls-hold-while-try",
                             "asks the caller to wait", &Profile::hold_prompt, alias));
        all.push_back(prompt("status_prompt", "status-prompt", "followme/status",
                             "tells the caller that the party is not at its desk", &Profile::status_prompt, alias));
        all.push_back(prompt("sorry_prompt", "sorry-prompt", "followme/sorry",
                             "tells the caller that the party cannot be reached", &Profile::sorry_prompt, alias));
        all.push_back(prompt("connecting_prompt", "connecting-prompt", "", "tells the callee that the caller comes now",
                             &Profile::connecting_prompt, alias));
    }
    return all;
}

const config::Options<Profile>& options() {
    static const config::Options<Profile> table("followme.conf", "profile", rows());
    return table;
}

}  // namespace

FollowMeProfiles read_follow_me(const config::File& file, config::Report& report) {
    Profile general = options().defaults();
    for (const auto& section : file.sections()) {
        if (section.name == "general") options().apply(section, general, report);
    }
    FollowMeProfiles all;
    for (const auto& section : file.sections()) {
        if (section.name == "general") continue;
        Profile profile = general;
        profile.name = section.name;
        options().apply(section, profile, report);
        all.insert_or_assign(section.name, std::move(profile));
    }
    return all;
}

FollowMe::FollowMe(Pbx& pbx) : profiles_(std::make_shared<std::shared_ptr<const FollowMeProfiles>>()) {
    *profiles_ = std::make_shared<const FollowMeProfiles>();
    add_follow_me(*pbx.applications, profiles_);
}

void FollowMe::configure(const config::File* file, config::Report& report) {
    auto made = file ? std::make_shared<const FollowMeProfiles>(read_follow_me(*file, report))
                     : std::make_shared<FollowMeProfiles>();
    if (report.ok()) *profiles_ = std::move(made);
}

}  // namespace asterism::applications
