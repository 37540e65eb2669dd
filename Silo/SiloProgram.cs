using System.CommandLine;
using System.Globalization;
using SensorGrid.Core.Grid;
using SensorGrid.Gateway;
using SensorGrid.Programs;

namespace SensorGrid.Silo;

/// <summary>The program's command line and its exit statuses: 0 done, 1 failed, 2 wrong usage.</summary>
internal static class SiloProgram
{
    // Longer than the longest stop that may be set.
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(61);

    /// <summary>Serves until SIGTERM or SIGINT; what goes wrong is one line on <paramref name="error"/>.</summary>
    /// <param name="grid">Makes the grid from the running silo's services.</param>
    /// <param name="configure">Adds grains and the services of the grid.</param>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args, Func<IServiceProvider, IGrid> grid, GridSetup configure, TextWriter output, TextWriter error)
    {
        var parsed = Create(grid, configure).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            var complaint = parsed.UnmatchedTokens is [var unknown, ..] ? $"unknown option {unknown}" : parsed.Errors[0].Message.TrimEnd('.');
            await error.WriteLineAsync($"sensorgrid-silo: {complaint}: see --help");
            return 2;
        }
        try
        {
            return await parsed.InvokeAsync(new() { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = StopPatience });
        }
        catch (CommandException fault)
        {
            await error.WriteLineAsync($"sensorgrid-silo: {fault.Message}");
            return 1;
        }
    }

    private static RootCommand Create(Func<IServiceProvider, IGrid> grid, GridSetup configure)
    {
        var data = ServingOptions.Data();
        var file = ServingOptions.SettingsFile();
        var set = ServingOptions.Settings();
        var port = ServingOptions.Port();
        var siloPort = ServingOptions.Port("--silo-port", "The port for the other silos; else 11111");
        var gatewayPort = ServingOptions.Port("--gateway-port", "The port for Orleans' own clients; else none");
        (string Name, Option<string?> Option)[] texts =
        [
            (nameof(GatewayOptions.Bind), ServingOptions.Bind()),
            (nameof(SiloOptions.Postgres), ServingOptions.Postgres()),
            (nameof(SiloOptions.Rules), new("--rules") { Description = "The rules of detectors (JSON); rules.json in the data folder where there is one" }),
            (nameof(SiloOptions.ClusterId), new("--cluster-id") { Description = "The cluster to join; else sensorgrid" }),
            (nameof(SiloOptions.ServiceId), new("--service-id") { Description = "Whose grain state and reminders they are; else sensorgrid" }),
            (nameof(SiloOptions.AdvertiseAddress), new("--advertise") { Description = "The IP address at which the other silos reach this one; else 127.0.0.1" }),
        ];
        (string Name, Option<int?> Option)[] ports =
            [(nameof(GatewayOptions.Port), port), (nameof(SiloOptions.SiloPort), siloPort), (nameof(SiloOptions.GatewayPort), gatewayPort)];
        var command = new RootCommand("One silo of a cluster: serves the grid that all its silos hold together, until Ctrl-C.") { data, file, set };
        Array.ForEach(texts, t => command.Options.Add(t.Option));
        Array.ForEach(ports, p => command.Options.Add(p.Option));
        command.SetAction(async (parsed, cancellation) =>
        {
            var given = parsed.GetValue(set) ?? [];
            var named = texts.Select(t => (t.Name, Value: parsed.GetValue(t.Option)))
                .Concat(ports.Select(p => (p.Name, Value: parsed.GetValue(p.Option)?.ToString(CultureInfo.InvariantCulture))))
                .Where(o => o.Value is not null).Select(o => KeyValuePair.Create(o.Name, o.Value!));
            var folder = parsed.GetRequiredValue(data).FullName;
            var settings = SiloSettings.Read(folder, parsed.GetValue(file)?.FullName, [.. given, .. named]);
            // The watchdog of a silo that starts often takes a clock that it has not read yet for one that has stood still since the machine was started.
            using var loggers = ProgramLog.Create(
                ("Microsoft", LogLevel.Warning), ("Orleans", LogLevel.Warning), ("Orleans.Runtime.Watchdog", LogLevel.Error));
            await new SiloServer(folder, settings, grid, configure, loggers).RunAsync(cancellation);
            return 0;
        });
        return command;
    }
}
