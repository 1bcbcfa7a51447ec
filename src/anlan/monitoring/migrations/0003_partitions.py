"""The partitioned tables (their day partitions are made as readings come), and what was there before carried over."""

from django.db import migrations

TABLES = """
CREATE TABLE monitoring_reading (series integer NOT NULL, at timestamptz NOT NULL, value float8 NOT NULL,
  quality smallint NOT NULL DEFAULT 0, PRIMARY KEY (series, at)) PARTITION BY RANGE (at);
CREATE TABLE monitoring_reading_other PARTITION OF monitoring_reading DEFAULT;
CREATE TABLE monitoring_rollup_ten (series integer NOT NULL, at timestamptz NOT NULL, count integer NOT NULL, total float8 NOT NULL,
  low float8, high float8, last float8, doubtful integer NOT NULL, PRIMARY KEY (series, at)) PARTITION BY RANGE (at);
CREATE TABLE monitoring_rollup_ten_other PARTITION OF monitoring_rollup_ten DEFAULT;
CREATE TABLE monitoring_rollup_hour (series integer NOT NULL, at timestamptz NOT NULL, count integer NOT NULL, total float8 NOT NULL,
  low float8, high float8, last float8, doubtful integer NOT NULL, PRIMARY KEY (series, at)) PARTITION BY RANGE (at);
CREATE TABLE monitoring_rollup_hour_other PARTITION OF monitoring_rollup_hour DEFAULT;
CREATE TABLE monitoring_rollup_day (series integer NOT NULL, at timestamptz NOT NULL, count integer NOT NULL, total float8 NOT NULL,
  low float8, high float8, last float8, doubtful integer NOT NULL, PRIMARY KEY (series, at)) PARTITION BY RANGE (at);
CREATE TABLE monitoring_rollup_day_other PARTITION OF monitoring_rollup_day DEFAULT;
CREATE SEQUENCE monitoring_frame_number;
CREATE TABLE monitoring_frame (received_at timestamptz NOT NULL,
  number bigint NOT NULL DEFAULT nextval('monitoring_frame_number'), division varchar(12) NOT NULL,
  protocol varchar(12) NOT NULL, peer varchar(64) NOT NULL, station varchar(32) COLLATE "C" NOT NULL,
  body bytea NOT NULL, packed boolean NOT NULL DEFAULT false, readings integer NOT NULL, error varchar(200) NOT NULL, PRIMARY KEY (received_at, number)) PARTITION BY RANGE (received_at);
CREATE TABLE monitoring_frame_other PARTITION OF monitoring_frame DEFAULT;
CREATE INDEX monitoring_frame_station ON monitoring_frame (station, received_at);
CREATE SEQUENCE monitoring_series_number AS integer;
"""

CARRY = """
INSERT INTO monitoring_series (id, division, number, station_id, element, unit, kind, main, interval_s, max_silence_s,
  limits, checks, shard, state, state_at)
SELECT gen_random_uuid(), division, nextval('monitoring_series_number'), id, metric,
  CASE kind WHEN 'rain' THEN 'mm' ELSE 'm' END, CASE kind WHEN 'rain' THEN 'increment' ELSE 'gauge' END, true,
  interval_s, max_silence_s, coalesce(attributes -> 'limits', '{}'), '{}', 0, state, state_at
FROM monitoring_station ORDER BY code;
INSERT INTO monitoring_pulse (series_id, division, station_id, main, last_quality, due_at)
SELECT id, division, station_id, true, 0, state_at FROM monitoring_series WHERE state = 'normal';
INSERT INTO monitoring_pulse (series_id, division, station_id, main, last_quality)
SELECT id, division, station_id, true, 0 FROM monitoring_series WHERE state <> 'normal';
INSERT INTO monitoring_reading (series, at, value, quality)
SELECT s.number, r.at, r.value, r.quality FROM monitoring_reading_before r
JOIN monitoring_series s ON s.station_id = r.station_id;
UPDATE monitoring_signal g SET series_id = s.id, place = 's:' || s.number
FROM monitoring_series s WHERE s.station_id = g.station_id;
INSERT INTO monitoring_loghead (shard, head) VALUES (0, 0);
INSERT INTO monitoring_progress (shard, log, done, told) VALUES (0, 'postgres', 0, '{}');
DROP TABLE monitoring_reading_before;
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0002_series_log_and_rules")]

    operations = [
        migrations.RunSQL(TABLES, reverse_sql=migrations.RunSQL.noop),
        migrations.RunSQL(CARRY, reverse_sql=migrations.RunSQL.noop),
    ]
