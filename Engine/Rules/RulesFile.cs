using Microsoft.Extensions.Logging;
using SensorGrid.Core.Rules;

namespace SensorGrid.Engine.Rules;

/// <summary>Reads the rules from their file, and again whenever it changes; a file with errors leaves the old rules in force and says why.</summary>
/// <param name="isOptional">Without the file the built-in rules hold, until it appears.</param>
public sealed partial class RulesFile(string path, bool isOptional, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private (DateTime Written, long Length) _seen;

    public string Path { get; } = path;

    /// <summary>The file that the settings name, else <c>rules.json</c> in the data folder, which need not be there.</summary>
    public static RulesFile Of(string? given, string dataFolder, TimeProvider time, ILogger logger) =>
        new(given ?? System.IO.Path.Combine(dataFolder, "rules.json"), isOptional: given is null, time, logger);

    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidRulesException">It has errors; the message lists them.</exception>
    public RuleSet Read()
    {
        _seen = Look();
        return isOptional && _seen == default ? RuleSet.Default : RuleSet.Parse(File.ReadAllBytes(Path));
    }

    /// <summary>Gives every new version without errors to <paramref name="use"/> until stopped.</summary>
    public async Task WatchAsync(Func<RuleSet, Task> use, CancellationToken stopping)
    {
        // Looked at rather than subscribed to: events get lost on network and overlay file systems and where a file is replaced by renaming.
        using var timer = new PeriodicTimer(LookEvery, time);
        while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
        {
            if (Look() == _seen)
            {
                continue;
            }
            try
            {
                await use(Read()).ConfigureAwait(false);
                if (_seen == default)
                {
                    LogGone(Path);
                }
                else
                {
                    LogReloaded(Path);
                }
            }
            catch (Exception fault) when (fault is InvalidRulesException or IOException or UnauthorizedAccessException)
            {
                LogKept(Path, fault.Message);
            }
        }
    }

    // Of a link what it leads to: a volume of Kubernetes changes the folder that its links lead into, and not the links.
    private (DateTime Written, long Length) Look()
    {
        try
        {
            var file = new FileInfo(Path);
            file = file.LinkTarget is null ? file : (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        }
        catch (IOException)
        {
            // It leads nowhere.
            return default;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Rules in {Path} are in force.")]
    private partial void LogReloaded(string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} is gone: the built-in rules are in force.")]
    private partial void LogGone(string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "Rules in {Path} are wrong; the rules before stay in force. {Reason}")]
    private partial void LogKept(string path, string reason);
}
