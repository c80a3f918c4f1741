// Operations of /asterisk that stand in files of their own.
#pragma once

#include "operation.hpp"

namespace asterism::ari {

void list_log_channels(Call& call, Reply& reply);
void add_log(Call& call, Reply& reply);
void delete_log(Call& call, Reply& reply);
void rotate_log(Call& call, Reply& reply);

/// /asterisk/config/dynamic
void get_object(Call& call, Reply& reply);
void update_object(Call& call, Reply& reply);
void delete_object(Call& call, Reply& reply);

}  // namespace asterism::ari
