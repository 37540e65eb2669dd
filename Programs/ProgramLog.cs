using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace SensorGrid.Programs;

internal static class ProgramLog
{
    /// <summary>The program's log on its standard output.</summary>
    /// <param name="quiet">Beginnings of categories, and what they tell at least; of several that fit the longest counts.</param>
    public static ILoggerFactory Create(params (string Category, LogLevel Least)[] quiet) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(LogLevel.Information).AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>()
            .AddConsole(console => console.FormatterName = LineFormatter.FormatterName);
        foreach (var (category, least) in quiet)
        {
            logging.AddFilter(category, least);
        }
    });
}
