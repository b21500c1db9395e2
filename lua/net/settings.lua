-- SPDX-License-Identifier: MIT
-- What net.setDefaultAutoSelectFamily and its kin set.
return { auto_select_family = true, attempt_timeout = require("lunode.internal.options").attemptTimeout }
