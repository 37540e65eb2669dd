using SensorGrid.Core.Rules;
using SensorGrid.Engine.Rules;

namespace SensorGrid.Programs;

/// <summary>The rules that a program starts with, which have to be right; later ones that are not leave those before in force.</summary>
internal static class StartingRules
{
    /// <exception cref="CommandException">The file cannot be read or has errors.</exception>
    public static RuleSet Read(RulesFile file)
    {
        try
        {
            return file.Read();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidRulesException)
        {
            throw new CommandException($"rules file {file.Path}: {fault.Message}");
        }
    }
}
