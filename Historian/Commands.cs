using Npgsql;

namespace SensorGrid.Historian;

internal static class Commands
{
    /// <summary>A command with the values of <c>$1</c>, <c>$2</c> and so on, none of them null.</summary>
    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params object[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new() { Value = parameter });
        }
        return command;
    }

    /// <summary>The same, which may take <see cref="Database.PatienceSeconds"/>.</summary>
    public static NpgsqlCommand PatientCommand(this NpgsqlConnection connection, string sql, params object[] parameters)
    {
        var command = connection.Command(sql, parameters);
        command.CommandTimeout = Database.PatienceSeconds;
        return command;
    }
}
