import { assert, assertEquals } from "@std/assert";
import { helpText } from "../../cli/help.ts";
import { parseOptions } from "../../cli/options.ts";
import { SERVER, TOOL } from "./program.ts";

Deno.test("helpText() of a program without commands aligns its options and names ranges, choices and defaults", () => {
  assertEquals(
    helpText(SERVER),
    `server 1.2.3: Serve something.

Usage: deno task server [OPTIONS]

Options:
  --config PATH       Configuration to use
  --check-config      Only check the configuration
  --freq HZ           Publications per second (1 to 1000; default 100)
  --cpu-affinity N…   Processors to run on (0 to 1023)
  --log-level LEVEL   Least level to log (DEBUG, INFO)
  --bias S            Seconds to add
  --http HOST:PORT    Where to listen
  -h, --help          Show this help
  --version           Show the version

Exit codes:
  0   done
  1   failed or degraded
  2   wrong usage
  3   no live daemon or no valid time
`,
  );
});

Deno.test("helpText() of a program with commands shows them, their options, the common ones and the examples", () => {
  assertEquals(
    helpText(TOOL),
    `tool 0.1.0: Do one of several things.

Usage: deno task tool COMMAND [OPTIONS]

Commands:
  read      Print the time once
  monitor   Print it again and again
  log       Note an action

Options of monitor:
  --interval S   Seconds between two lines (at least 0.01; default 1)
  --count N      Lines to print (at least 1)
  --pretty       Indent

Options of log:
  AGENT         who did it
  ACTION-NAME   what was done
  DETAILS       anything else
  --debug       Say more

Options:
  --shm-name NAME   Segment to read (default chronotick_shm)
  -h, --help        Show this help; after a command, the command's
  --version         Show the version

Examples:
  deno task tool monitor --count 3   Three lines

Exit codes:
  0   done
  1   failed or degraded
  2   wrong usage
  3   no live daemon or no valid time
`,
  );
});

Deno.test("helpText() of one command shows its own and the common options", () => {
  const parsed = parseOptions(TOOL, ["log", "--help"]);
  assert("text" in parsed);
  assertEquals(
    parsed.text,
    `Note an action.

Usage: deno task tool log [OPTIONS] AGENT ACTION-NAME [DETAILS]

Arguments:
  AGENT         who did it
  ACTION-NAME   what was done
  DETAILS       anything else

Options:
  --debug           Say more
  --shm-name NAME   Segment to read (default chronotick_shm)
  -h, --help        Show this help; after a command, the command's
  --version         Show the version

Examples:
  deno task tool monitor --count 3   Three lines

Exit codes:
  0   done
  1   failed or degraded
  2   wrong usage
  3   no live daemon or no valid time
`,
  );
});

Deno.test("helpText() falls back to the program for a command that does not exist", () => {
  assertEquals(helpText(TOOL, "toString"), helpText(TOOL));
});
