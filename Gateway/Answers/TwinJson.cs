using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Gateway.Answers;

/// <summary>Twins and their parts as JSON.</summary>
internal static class TwinJson
{
    public static async Task WriteFactoryAsync(HttpContext context, FactoryView factory)
    {
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteString(Names.Path, factory.Path);
        await WriteMachinesAsync(context, json, factory.Machines);
        WriteKinds(json, factory.Kinds);
        WriteFlags(json, factory.Flags);
        WriteCounters(json, factory.Counters);
        json.WriteEndObject();
    }

    public static async Task WriteMachineAsync(HttpContext context, MachineView machine)
    {
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteString(Names.Path, machine.Path);
        json.WriteTimeOrNull(Names.LastTime, machine.LastTime);
        await WriteSensorsAsync(context, json, machine.Sensors);
        WriteKinds(json, machine.Kinds);
        WriteFlags(json, machine.Flags);
        WriteCounters(json, machine.Counters);
        json.WriteEndObject();
    }

    public static async Task WriteSensorAsync(HttpContext context, SensorView sensor)
    {
        await using var json = JsonAnswer.Start(context);
        WriteSensor(json, sensor);
    }

    public static void WriteSensor(Utf8JsonWriter json, SensorView sensor)
    {
        json.WriteStartObject();
        json.WriteString(Names.Path, sensor.Path);
        json.WriteString(Names.Kind, sensor.Kind);
        WriteLast(json, sensor.Last);
        WriteWindows(json, sensor.Windows);
        WriteFlags(json, sensor.Flags);
        WriteCounters(json, sensor.Counters);
        json.WriteEndObject();
    }

    public static async Task WriteMachinesAsync(HttpContext context, Utf8JsonWriter json, IReadOnlyList<MachineSummary> machines)
    {
        json.WriteStartArray(Names.Machines);
        foreach (var machine in machines)
        {
            json.WriteStartObject();
            json.WriteString(Names.Name, machine.Name);
            json.WriteNumber(Names.Sensors, machine.Sensors);
            json.WriteTimeOrNull(Names.LastTime, machine.LastTime);
            json.WriteNumber(Names.OpenFlags, machine.OpenFlags);
            json.WriteEndObject();
            await json.FlushWhenLargeAsync(context);
        }
        json.WriteEndArray();
    }

    public static async Task WriteSensorsAsync(HttpContext context, Utf8JsonWriter json, IReadOnlyList<SensorSummary> sensors)
    {
        json.WriteStartArray(Names.Sensors);
        foreach (var sensor in sensors)
        {
            json.WriteStartObject();
            json.WriteString(Names.Name, sensor.Name);
            json.WriteString(Names.Kind, sensor.Kind);
            WriteLast(json, sensor.Last);
            json.WriteNumber(Names.OpenFlags, sensor.OpenFlags);
            json.WriteEndObject();
            await json.FlushWhenLargeAsync(context);
        }
        json.WriteEndArray();
    }

    public static void WriteWindow(Utf8JsonWriter json, WindowView window)
    {
        json.WriteStartObject();
        json.WriteString(Names.Size, Duration.Format(window.Size));
        json.WriteTime(Names.Start, window.Start);
        json.WriteBoolean(Names.Closed, window.Closed);
        json.WriteNumber(Names.Count, window.Count);
        json.WriteNumber(Names.GoodCount, window.GoodCount);
        json.WriteNumberOrNull(Names.Sum, window.Sum);
        json.WriteNumberOrNull(Names.Mean, window.Mean);
        json.WriteNumberOrNull(Names.Min, window.Min);
        json.WriteNumberOrNull(Names.Max, window.Max);
        json.WriteNumberOrNull(Names.StandardDeviation, window.StandardDeviation);
        json.WriteNumberOrNull(Names.First, window.First);
        json.WriteNumberOrNull(Names.Last, window.Last);
        json.WriteNumberOrNull(Names.TimeWeightedMean, window.TimeWeightedMean);
        json.WriteNumberOrNull(Names.P50, window.P50);
        json.WriteNumberOrNull(Names.P95, window.P95);
        json.WriteNumberOrNull(Names.P99, window.P99);
        json.WriteEndObject();
    }

    public static void WriteFlag(Utf8JsonWriter json, Flag flag)
    {
        json.WriteStartObject();
        json.WriteString(Names.Id, flag.Id);
        json.WriteString(Names.Path, flag.Path);
        json.WriteString(Names.Detector, flag.Detector);
        json.WriteString(Names.Severity, Words.Of(flag.Severity));
        json.WriteTime(Names.From, flag.From);
        json.WriteTimeOrNull(Names.To, flag.To);
        json.WriteNumberOrNull(Names.Score, flag.Score);
        json.WriteString(Names.State, Words.Of(flag.State));
        json.WriteTimeOrNull(Names.Acknowledged, flag.Acknowledged);
        json.WriteBoolean(Names.Backfilled, flag.Backfilled);
        json.WriteEndObject();
    }

    private static void WriteFlags(Utf8JsonWriter json, IReadOnlyList<Flag> flags)
    {
        json.WriteStartArray(Names.Flags);
        foreach (var flag in flags)
        {
            WriteFlag(json, flag);
        }
        json.WriteEndArray();
    }

    private static void WriteKinds(Utf8JsonWriter json, IReadOnlyList<KindRollUp> kinds)
    {
        json.WriteStartArray(Names.Kinds);
        foreach (var kind in kinds)
        {
            json.WriteStartObject();
            json.WriteString(Names.Kind, kind.Kind);
            json.WriteNumber(Names.Sensors, kind.Sensors);
            WriteWindows(json, kind.Windows);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteWindows(Utf8JsonWriter json, IReadOnlyList<WindowView> windows)
    {
        json.WriteStartArray(Names.Windows);
        foreach (var window in windows)
        {
            WriteWindow(json, window);
        }
        json.WriteEndArray();
    }

    private static void WriteLast(Utf8JsonWriter json, Reading? reading)
    {
        if (reading is not { } last)
        {
            json.WriteNull(Names.Last);
            return;
        }
        json.WriteStartObject(Names.Last);
        json.WriteTime(Names.Time, last.Time);
        json.WriteNumberOrNull(Names.Value, last.Value);
        json.WriteString(Names.Quality, Words.Of(last.Quality));
        json.WriteEndObject();
    }

    private static void WriteCounters(Utf8JsonWriter json, Counters counters)
    {
        json.WriteStartObject(Names.Counters);
        json.WriteNumber(Names.Readings, counters.Readings);
        json.WriteNumber(Names.Duplicates, counters.Duplicates);
        json.WriteNumber(Names.Late, counters.Late);
        json.WriteNumber(Names.Corrections, counters.Corrections);
        json.WriteEndObject();
    }
}
