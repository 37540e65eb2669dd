using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace SensorGrid.Programs;

internal static class ProgramLog
{
    /// <summary>The program's log on its standard output.</summary>
    /// <param name="quiet">Beginnings of categories that tell only warnings.</param>
    public static ILoggerFactory Create(params string[] quiet) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(LogLevel.Information).AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>()
            .AddConsole(console => console.FormatterName = LineFormatter.FormatterName);
        foreach (var category in quiet)
        {
            logging.AddFilter(category, LogLevel.Warning);
        }
    });
}
