-- SPDX-License-Identifier: MIT
--
-- The channels of diagnostics_channel that the library itself publishes to: name -> the Channel while somebody subscribes to it, else false.
-- A place that publishes asks `taps["name"]` first, and so costs nothing else.
return {
  ["http.client.request.start"] = false,   -- {request}
  ["http.client.request.error"] = false,   -- {request, error}
  ["http.client.response.finish"] = false, -- {request, response}
  ["http.server.request.start"] = false,   -- {request, response, socket, server}
  ["http.server.response.finish"] = false, -- {request, response, socket, server}
  ["net.client.socket"] = false,           -- {socket}
  ["net.server.socket"] = false,           -- {socket}
  ["tracing:net.server.listen:asyncStart"] = false, -- {server, options}
  ["tracing:net.server.listen:asyncEnd"] = false,   -- {server}
  ["tracing:net.server.listen:error"] = false,      -- {server, error}
  ["udp.socket"] = false,                  -- {socket}
  child_process = false,                   -- {process}
}
