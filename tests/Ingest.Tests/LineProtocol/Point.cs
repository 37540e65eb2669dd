using System.Text;

namespace SensorGrid.Ingest.Tests.LineProtocol;

/// <summary>A point as a sender may write it, and the readings that it stands for.</summary>
internal sealed record Point(string Text, IReadOnlyList<Row> Rows, int Strings)
{
    public override string ToString() => Text;

    public static byte[] Join(IEnumerable<Point> points) => Encoding.UTF8.GetBytes(string.Concat(points.Select(point => point.Text + "\n")));
}
