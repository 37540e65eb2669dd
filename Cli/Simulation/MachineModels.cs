namespace SensorGrid.Cli.Simulation;

/// <summary>The sorts of machines of the simulated plant, with figures such as such machines have.</summary>
internal static class MachineModels
{
    public static readonly IReadOnlyList<MachineModel> All =
    [
        new("moulder", TimeSpan.FromSeconds(26),
        [
            new("clamp_force", "kN", 20, 1.5, 1) { Cycle = c => 1180 * c.During(0.06, 0.82) },
            new("cavity_pressure", "bar", 2, 0.6, 0.2) { Cycle = c => 430 * c.Peak(0.1, 0.2, 0.6) },
            new("screw_position", "mm", 8, 0.05, 0.05) { Cycle = c => 72 * c.Peak(0.4, 0.78, 0.84), Decimals = 3 },
            new("cycle_time", "s", 0, 0, 0) { Cycle = c => c.LastSeconds },
            new("melt_temperature", "degC", 231, 0.25, 0.5) { Low = 222, High = 240 },
            new("mould_temperature", "degC", 58, 0.2, 0.4) { Low = 52, High = 64 },
            new("oil_temperature", "degC", 46, 0.12, 0.4) { Low = 35, High = 55 },
            new("cooling_flow", "l/min", 14.5, 0.06, 0.08) { Decimals = 3, Low = 12, High = 17 },
        ]),
        new("pump", TimeSpan.FromMinutes(4),
        [
            new("flow", "m3/h", 118, 0.7, 0.9) { Low = 100, High = 135 },
            new("suction_pressure", "bar", 1.42, 0.008, 0.01) { Decimals = 3, Low = 1.1, High = 1.8 },
            new("discharge_pressure", "bar", 6.2, 0.03, 0.04) { Decimals = 3, Low = 5.2, High = 7.2 },
            new("vibration", "mm/s", 2.1, 0.09, 0.08) { Decimals = 3, High = 4.5 },
            new("bearing_temperature", "degC", 61, 0.12, 0.5) { High = 80 },
            new("motor_current", "A", 41, 0.25, 0.3) { Low = 33, High = 50 },
            new("speed", "rpm", 1480, 1.1, 1) { Low = 1440, High = 1520 },
        ]),
        new("spindle", TimeSpan.FromSeconds(95),
        [
            new("speed", "rpm", 0, 4, 0) { Cycle = c => 8200 * c.During(0.08, 0.9) },
            new("load", "%", 3, 0.8, 0.4) { Cycle = c => (38 * c.During(0.12, 0.5)) + (22 * c.During(0.55, 0.86)) },
            new("vibration", "mm/s", 0.5, 0.05, 0.03) { Cycle = c => 1.1 * c.During(0.12, 0.86), Decimals = 3 },
            new("feed_rate", "mm/min", 0, 2, 0) { Cycle = c => 1500 * c.During(0.12, 0.5) },
            new("bearing_temperature", "degC", 44, 0.1, 0.5) { High = 62 },
            new("coolant_flow", "l/min", 21, 0.12, 0.15) { Low = 17, High = 25 },
            new("hydraulic_pressure", "bar", 82, 0.3, 0.4) { Low = 74, High = 90 },
        ]),
        new("conveyor", TimeSpan.FromMinutes(3),
        [
            new("belt_speed", "m/s", 1.6, 0.006, 0.006) { Decimals = 3, Low = 1.4, High = 1.8 },
            new("belt_tension", "kN", 12.4, 0.08, 0.1) { Low = 10, High = 15 },
            new("motor_current", "A", 22, 0.3, 0.3) { Cycle = c => 4 * c.Wave },
            new("load", "kg/m", 34, 1.2, 0.8) { Cycle = c => 9 * c.Wave },
            new("bearing_temperature", "degC", 48, 0.1, 0.4) { High = 66 },
        ]),
        new("compressor", TimeSpan.FromSeconds(140),
        [
            new("discharge_pressure", "bar", 7.1, 0.02, 0.01) { Cycle = c => 0.7 * c.Peak(0, 0.6, 1), Decimals = 3 },
            new("motor_current", "A", 36, 0.5, 0.3) { Cycle = c => 88 * c.During(0, 0.6) },
            new("power", "kW", 18, 0.4, 0.3) { Cycle = c => 49 * c.During(0, 0.6) },
            new("oil_temperature", "degC", 78, 0.15, 0.5) { High = 95 },
            new("oil_pressure", "bar", 3.4, 0.015, 0.02) { Decimals = 3, Low = 2.8, High = 4 },
            new("vibration", "mm/s", 2.8, 0.1, 0.1) { Decimals = 3, High = 6 },
            new("inlet_temperature", "degC", 24, 0.06, 0.3) { High = 38 },
        ]),
        new("truck", TimeSpan.FromMinutes(14),
        [
            new("speed", "km/h", 0.3, 0.2, 0.05) { Cycle = c => (24 * c.During(0.25, 0.55)) + (38 * c.During(0.65, 0.92)) },
            new("payload", "t", 0.4, 0.3, 0.1) { Cycle = c => 186 * c.Filled(0.12, 0.22, 0.58) },
            new("engine_speed", "rpm", 720, 9, 4) { Cycle = c => (1020 * c.During(0.25, 0.55)) + (780 * c.During(0.65, 0.92)) },
            new("engine_temperature", "degC", 87, 0.2, 0.6) { High = 104 },
            new("oil_pressure", "bar", 4.3, 0.03, 0.03) { Decimals = 3, Low = 3.2, High = 5.4 },
            new("fuel_level", "%", 92, 0.04, 0.05) { Cycle = c => -(3.0 * (c.Count % 24)) - (3.0 * c.Phase) },
            new("tyre_pressure", "bar", 7.3, 0.012, 0.03) { Decimals = 3, Low = 6.5, High = 8.1 },
        ])
        { LosesNetwork = true },
    ];
}
