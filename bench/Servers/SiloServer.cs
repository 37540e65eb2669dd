using System.Globalization;

namespace SensorGrid.Bench.Servers;

/// <summary>One silo with a private Postgres.</summary>
/// <param name="program">The command line that runs the silo's program; its options follow.</param>
internal sealed class SiloServer(string folder, IReadOnlyList<string> program, string? rulesFile = null)
    : SensorGridServer(folder, program, rulesFile, name: "One silo")
{
    private readonly IReadOnlyList<string> _program = program;
    private readonly string? _rulesFile = rulesFile;

    protected override IReadOnlyList<string> Command()
    {
        string[] command =
        [
            .. _program, "--data", DataFolder, "--port", Port.ToString(CultureInfo.InvariantCulture),
            "--silo-port", FreePort().ToString(CultureInfo.InvariantCulture),
        ];
        return _rulesFile is null ? command : [.. command, "--rules", _rulesFile];
    }
}
