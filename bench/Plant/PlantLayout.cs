using System.Globalization;

namespace SensorGrid.Bench.Plant;

/// <summary>The sensors of a made-up plant: ten of each of ten kinds to a machine, fifty machines to a factory.</summary>
internal sealed class PlantLayout(int sensors)
{
    public const int SensorsPerMachine = 100;
    public const int MachinesPerFactory = 50;

    private static readonly string[] Kinds = ["temp", "press", "vib", "flow", "speed", "level", "torque", "amps", "volts", "power"];

    public int Sensors { get; } = sensors;

    public int Machines { get; } = (sensors + SensorsPerMachine - 1) / SensorsPerMachine;

    public static string Factory(int factory) => string.Create(CultureInfo.InvariantCulture, $"f{factory + 1:000}");

    public static string FactoryOf(int machine) => Factory(machine / MachinesPerFactory);

    /// <summary>A number among all machines of the plant.</summary>
    public static string Machine(int machine) => string.Create(CultureInfo.InvariantCulture, $"m{machine + 1:0000}");

    public static string KindOf(int sensor) => Kinds[sensor % SensorsPerMachine % Kinds.Length];

    public static string Sensor(int sensor) =>
        string.Create(CultureInfo.InvariantCulture, $"{KindOf(sensor)}-{(sensor % SensorsPerMachine / Kinds.Length) + 1:00}");

    /// <summary><c>factory/machine/sensor</c>.</summary>
    public static string Path(int sensor)
    {
        var machine = sensor / SensorsPerMachine;
        return $"{FactoryOf(machine)}/{Machine(machine)}/{Sensor(sensor)}";
    }

    /// <summary>What stands before the value in a line: measurement, tags and field.</summary>
    public static string LinePrefix(int sensor)
    {
        var machine = sensor / SensorsPerMachine;
        return $"{KindOf(sensor)},factory={FactoryOf(machine)},machine={Machine(machine)} {Sensor(sensor)}=";
    }

    /// <summary>The sensors of a source, one of several that share the machines.</summary>
    public (int First, int End) Share(int source, int sources)
    {
        var first = (int)((long)Machines * source / sources) * SensorsPerMachine;
        var end = (int)((long)Machines * (source + 1) / sources) * SensorsPerMachine;
        return (first, Math.Min(end, Sensors));
    }
}
