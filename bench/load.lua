-- wrk's side of the bench: `-- HEAD [PAUSE]`. HEAD browser sends the fields of a browser (Host and these eleven),
-- anything else wrk's own small head. PAUSE: each connection rests a random time of that mean, in ms, before each
-- request. Prints one JSON line at the end, so that nobody has to parse wrk's table.
local browser = {
  ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  ["Accept"] = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
  ["Accept-Language"] = "en-GB,en;q=0.9,de;q=0.8",
  ["Accept-Encoding"] = "gzip, deflate, br, zstd",
  ["Cookie"] = "session=1f0c9be6d2f34a77b1de5b9a40c1c2a8; theme=dark; consent=1",
  ["Referer"] = "https://www.example.com/articles/2026/11/21/index.html",
  ["Cache-Control"] = "max-age=0",
  ["Upgrade-Insecure-Requests"] = "1",
  ["Sec-Fetch-Dest"] = "document",
  ["Sec-Fetch-Mode"] = "navigate",
  ["Sec-Fetch-Site"] = "same-origin",
}

function init(args)
  if args[1] == "browser" then
    for name, value in pairs(browser) do wrk.headers[name] = value end
  end
  local pause = tonumber(args[2])
  if pause then
    -- Whole milliseconds only: a wait between 0 and twice the mean.
    local most = math.floor(pause * 2 + 0.5)
    delay = function() return math.random(0, most) end
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"micros":%d,"bytes":%d,"p50":%.1f,"p99":%.1f,"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
