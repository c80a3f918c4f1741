// Making a plan: from extensions.conf, or from the present plan with something added or taken away (`dialplan add
// extension`, parking's extensions, AMI DialplanExtensionAdd).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "asterism/dialplan/dialplan.hpp"

namespace asterism::dialplan {

/// Used once: build() ends it.
class PlanBuilder {
  public:
    PlanBuilder();
    /// Starts with a copy of everything in `plan`.
    explicit PlanBuilder(const Plan& plan);
    ~PlanBuilder();

    struct NewPriority {
        std::string context;
        std::string exten;
        std::optional<std::string> caller{};
        int number = 1;
        std::string label{};
        std::string application;
        std::string data{};
        config::Origin origin{};
        std::string registrar = "pbx_config";
        bool replace = false;
    };
    /// False: there is one already (and not `replace`), or a bad pattern; `error` says which.
    bool add(NewPriority priority, std::string& error);
    bool add_hint(const std::string& context, const std::string& exten, std::string hint, config::Origin origin,
                  std::string& error, std::string registrar = "pbx_config");
    /// Removes one priority, (-1) the hint, or (0) the whole extension. How many priorities went.
    std::size_t remove(std::string_view context, std::string_view exten, int priority = 0,
                       std::optional<std::string_view> caller = std::nullopt);
    /// `text` as after `include =>`.
    bool add_include(const std::string& context, const std::string& text, config::Origin origin, std::string registrar,
                     std::string& error);
    bool remove_include(std::string_view context, std::string_view text);
    bool add_ignore_pattern(const std::string& context, std::string pattern);
    bool remove_ignore_pattern(std::string_view context, std::string_view pattern);
    bool remove_context(std::string_view context);
    /// `text` as after `switch =>`. False: `error` says what is wrong.
    bool add_switch(const std::string& context, std::string text, config::Origin origin, std::string& error);
    void set_auto_hints(const std::string& context, bool on);
    /// Makes the context if it is not there.
    void add_context(const std::string& context, std::string registrar = "pbx_config");
    /// Everything in `plan` that `registrar` did not make: what other parts added survives a reload.
    void keep_from(const Plan& plan, std::string_view registrar);
    void set_general(Plan::General general);
    void add_global(config::Variable variable);

    [[nodiscard]] std::shared_ptr<const Plan> build();

  private:
    Context& context_for(const std::string& name, std::string_view registrar = "pbx_config");
    Context* find(std::string_view name);
    bool has_hint(const Context& context, const Extension& extension);
    Extension* extension_for(Context& context, const std::string& exten, const std::optional<std::string>& caller,
                             std::string& error);
    struct Names;
    std::shared_ptr<Plan> plan_;
    std::unique_ptr<Names> names_;
};

}  // namespace asterism::dialplan
