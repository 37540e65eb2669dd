using System.Text;
using SensorGrid.Bench.Plant;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest;

namespace SensorGrid.Bench.Tests;

public sealed class PayloadGeneratorTests
{
    private const long Start = 1_700_000_000_000;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(250, 2)]
    [InlineData(1234, 3)]
    public void Every_line_is_the_signals_reading_and_every_sensor_comes_in_order(int sensors, int sources)
    {
        var layout = new PlantLayout(sensors);
        var signal = new PlantSignal(sensors, seed: 7);
        var generator = new PayloadGenerator(layout, signal, Start, sources, linesPerRequest: 100);
        var catalog = new SensorCatalog(1, CatalogLimits.Default);
        using var batch = new ReadingBatch(1);
        foreach (var steps in new[] { 3, 2 })
        {
            var payload = generator.Next(steps);
            Assert.Equal((long)sensors * steps, payload.Lines);
            Decode(payload, catalog, batch);
        }

        Assert.Equal(sensors, catalog.Count);
        var next = Enumerable.Range(0, sensors).ToDictionary(PlantLayout.Path, sensor => (Sensor: sensor, Step: 0));
        var block = batch.Block(0)!;
        Assert.Equal(sensors * 5, block.Count);
        for (var i = 0; i < block.Count; i++)
        {
            var path = catalog[block.Sensors[i]]!.Path;
            var (sensor, step) = next[path];
            var time = (Start + (step * 1000L)) * 1000;
            Assert.Equal(new Reading(time, signal.At(sensor, time) / 100.0), block[i]);
            next[path] = (sensor, step + 1);
        }
        Assert.Equal(Start + 5000, generator.End);
    }

    [Fact]
    public void A_request_is_http_with_the_length_of_its_body()
    {
        var layout = new PlantLayout(5);
        var request = new PayloadGenerator(layout, new PlantSignal(5, 1), Start, 1, 100).Next(1).Sources[0][0];
        var text = Encoding.ASCII.GetString(request.Bytes);
        Assert.StartsWith($"POST /write?precision=ms HTTP/1.1\r\nHost: localhost\r\nContent-Length: {request.BodyBytes}\r\n\r\ntemp,factory=f001,machine=m0001 temp-01=", text, StringComparison.Ordinal);
        Assert.EndsWith(" 1700000000000\n", text, StringComparison.Ordinal);
        Assert.Equal(5, text.Count(c => c == '\n') - 4);
    }

    [Fact]
    public void Negative_values_keep_their_sign()
    {
        var writer = new LineWriter(new PlantLayout(1));
        Span<byte> line = new byte[writer.MaxLine];
        var length = writer.Write(line, 0, -7, "12"u8);
        Assert.Equal("temp,factory=f001,machine=m0001 temp-01=-0.07 12\n", Encoding.ASCII.GetString(line[..length]));
    }

    private static void Decode(Payload payload, SensorCatalog catalog, ReadingBatch batch)
    {
        var decoder = new ReadingsDecoder(catalog);
        var options = new DecodeOptions { Format = InputFormat.LineProtocol, Precision = TimePrecision.Milliseconds };
        var rejections = new Rejections();
        foreach (var request in payload.Sources.SelectMany(requests => requests))
        {
            decoder.Decode(request.Body, options, Start * 1000, batch, rejections);
        }
        Assert.Equal(0, rejections.Count);
    }
}
