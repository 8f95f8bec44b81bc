/**
 * The scenarios: what befalls which oscillator on which network. Instants are spread, so that nothing can be tuned to
 * them.
 *
 * @module
 */
import { NETWORKS, OSCILLATORS, SERVERS } from "./kinds.ts";
import type { Scenario } from "./scenario.ts";
import type { Lie } from "./server.ts";

const TWO_HOURS = 7380;
const DAY = 86_400;

/** A leap second smeared over a day, as large providers do it. */
const SMEAR_RATE = 1 / DAY;

const CLOUD = {
  durationSeconds: TWO_HOURS,
  oscillator: OSCILLATORS.cloud,
  network: NETWORKS.cloud,
  server: SERVERS.provider,
  serverCount: 1,
  scope: "private",
} as const;

const INTERNET = {
  durationSeconds: TWO_HOURS,
  oscillator: OSCILLATORS.cloud,
  network: NETWORKS.internet,
  server: SERVERS.public,
  serverCount: 4,
  scope: "public",
} as const;

const WIFI = { ...INTERNET, oscillator: OSCILLATORS.laptop, network: NETWORKS.wifi } as const;

const LIES: readonly Lie[] = [
  { kind: "constant", seconds: 0.03 },
  { kind: "drifting", fromSeconds: 1500, rate: SMEAR_RATE },
  { kind: "step", fromSeconds: 3000, seconds: -0.08 },
];

/** All scenarios by name. */
export const SCENARIOS = {
  lan: {
    ...CLOUD,
    summary: "A server room with its own time server",
    oscillator: OSCILLATORS.hpc,
    network: NETWORKS.lan,
    server: SERVERS.local,
  },
  cloud: { ...CLOUD, summary: "A virtual machine and its provider's time server" },
  hpc_bimodal: {
    ...CLOUD,
    summary: "A compute node behind a link where four packets in five take a detour of 2 ms",
    oscillator: OSCILLATORS.hpc,
    network: NETWORKS.bimodal,
    server: SERVERS.campus,
  },
  internet: { ...INTERNET, summary: "Four public servers from a data centre" },
  wifi: { ...WIFI, summary: "A laptop on Wi-Fi that saves power, four public servers" },
  congested: {
    ...INTERNET,
    summary: "An uplink that is full half of the time, four public servers",
    network: NETWORKS.congested,
  },
  route: {
    ...INTERNET,
    summary: "The way to the nearest of four servers gets 12 ms longer for an hour, outbound only",
    routes: [{
      server: 0,
      fromSeconds: [2300, 2700],
      untilSeconds: [5300, 5700],
      direction: "outbound",
      extraSeconds: [12e-3, 12e-3],
    }],
  },
  vm_migrate: {
    ...CLOUD,
    summary: "A virtual machine that moves to another host twice",
    machine: [
      {
        kind: "migration",
        atSeconds: [2400, 3000],
        standstillSeconds: [0.01, 0.2],
        frequencyShift: [2e-6, 10e-6],
      },
      {
        kind: "migration",
        atSeconds: [5000, 5600],
        standstillSeconds: [0.01, 0.2],
        frequencyShift: [2e-6, 10e-6],
      },
    ],
  },
  holdover: {
    ...CLOUD,
    summary: "An hour without any answer",
    durationSeconds: 7800,
    oscillator: OSCILLATORS.hpc,
    refusals: [{ fromSeconds: 3600, untilSeconds: 7200, manner: "silent" }],
  },
  falsetick: {
    ...INTERNET,
    summary: "One of the two nearest of four servers lies, another refuses for half an hour",
    liars: [{ oneOf: [0, 1], lies: LIES }],
    refusals: [{ servers: [2], fromSeconds: 2000, untilSeconds: 4000, manner: "RATE" }],
  },
  codaemon: {
    ...INTERNET,
    summary: "Another daemon steps and slews CLOCK_REALTIME",
    steering: {
      firstAtSeconds: 600,
      minGapSeconds: 200,
      meanExtraGapSeconds: 900,
      stepShare: 0.25,
      stepDeviationSeconds: 20e-3,
      maxSlew: 100e-6,
      slewSeconds: [10, 120],
    },
  },
  suspend: {
    ...WIFI,
    summary: "A laptop that sleeps for some minutes, then for hours",
    machine: [
      { kind: "suspend", atSeconds: [2000, 2600], standstillSeconds: [300, 900] },
      { kind: "suspend", atSeconds: [4600, 5200], standstillSeconds: [3600, 30_000] },
    ],
  },
  snapshot_fork: {
    ...CLOUD,
    summary: "Clones of a virtual machine start from one snapshot, minutes to hours later, on other hosts",
    machine: [{
      kind: "fork",
      atSeconds: [2400, 3600],
      standstillSeconds: [30, 20_000],
      frequencyShift: [0, 10e-6],
    }],
  },
  majority_falsetick: {
    ...INTERNET,
    summary: "Three of five servers lie, each in its own way",
    serverCount: 5,
    liars: [0, 1, 2].map((index) => ({ oneOf: [index], lies: [LIES[index]!] })),
  },
  office_day: {
    ...INTERNET,
    summary: "A day in an office, with its warmth and its work",
    durationSeconds: DAY,
    oscillator: OSCILLATORS.office,
  },
  clocksource: {
    ...INTERNET,
    summary: "The kernel gives its clock source up for another one",
    machine: [{ kind: "clocksource", atSeconds: [2400, 4200], frequencyShift: [5e-6, 30e-6] }],
  },
  unruly: {
    ...INTERNET,
    summary:
      "Of five servers one jumps about, one hides 5 ms behind a tiny root dispersion, one limits its rate",
    serverCount: 5,
    liars: [
      { oneOf: [0, 1], lies: [{ kind: "jumping", meanGapSeconds: 120, deviationSeconds: 10e-3 }] },
      { oneOf: [2], lies: [{ kind: "constant", seconds: 5e-3 }], claimedDispersionSeconds: 2 ** -16 },
    ],
    rateLimits: [{ server: 3, minGapSeconds: 30 }],
  },
} as const satisfies Record<string, Scenario>;

/** The name of a scenario. */
export type ScenarioName = keyof typeof SCENARIOS;
