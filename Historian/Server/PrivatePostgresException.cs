namespace SensorGrid.Historian.Server;

/// <summary>The private Postgres or its data folder cannot be used. The message is one line that says what to do; the caller prints it and exits 1.</summary>
public sealed class PrivatePostgresException : Exception
{
    public PrivatePostgresException(string message)
        : base(message)
    {
    }

    public PrivatePostgresException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
