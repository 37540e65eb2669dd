# syntax=docker/dockerfile:1
# One silo of a cluster (docs/cluster.md). It needs SENSORGRID_Postgres and writes no file: Postgres has all of its state, and its root may be read-only.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish Silo/SensorGrid.Silo.csproj -c Release -o /app -p:UseAppHost=false

# Chiseled: no shell, no package manager, user 1654.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app .
# Diagnostics need a folder to write to; Npgsql asks for Kerberos' library, which is not there, unless told not to.
ENV DOTNET_EnableDiagnostics=0 PGGSSENCMODE=disable
USER $APP_UID
EXPOSE 11111
ENTRYPOINT ["dotnet", "sensorgrid-silo.dll"]
