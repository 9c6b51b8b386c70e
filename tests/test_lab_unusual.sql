-- One statement a line: forms of SELECT that an analyst may write, all of them allowed.
FROM encounter
FROM encounter SELECT encounter_id WHERE class = 'IMP'
TABLE encounter
VALUES (1, 'a'), (2, 'b')
SELECT 1;
/* a comment; with one in it */ SELECT 1 -- and here; too
DESCRIBE encounter
SHOW TABLES
SUMMARIZE encounter
EXPLAIN SELECT * FROM encounter
EXPLAIN ANALYZE SELECT count(*) FROM encounter
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT sum(n) FROM r
WITH x AS MATERIALIZED (FROM encounter) SELECT count(*) FROM x JOIN x y USING (encounter_id)
SELECT class, count(*) FROM encounter GROUP BY ALL ORDER BY ALL
SELECT DISTINCT ON (patient_id) patient_id, start_at FROM encounter ORDER BY patient_id, start_at
SELECT * FROM encounter QUALIFY row_number() OVER (PARTITION BY patient_id ORDER BY start_at) = 1
SELECT lead(start_at) OVER w FROM encounter WINDOW w AS (PARTITION BY patient_id ORDER BY start_at)
SELECT e.encounter_id, d.code FROM encounter e LEFT JOIN LATERAL (FROM encounter_dx x WHERE x.rank = e.start_at::DATE - e.start_at::DATE + 1) d ON true
SELECT a.encounter_id FROM encounter a ASOF JOIN encounter b ON a.patient_id = b.patient_id AND a.start_at > b.start_at
PIVOT (SELECT class, status FROM encounter) ON class IN ('IMP', 'EMER') USING count(*)
SELECT * FROM (PIVOT encounter ON status IN ('finished') USING count(*) GROUP BY class)
UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b INTO NAME n VALUE v
SELECT COLUMNS('.*_at') FROM encounter
SELECT * EXCLUDE (status) REPLACE (upper(class) AS class) FROM encounter
SELECT [x * 2 for x in range(5) if x > 1], list_transform([1, 2], lambda x: x + 1), {'a': 1}.a, MAP {'k': 1}['k']
SELECT unnest(generate_series(DATE '2026-01-01', DATE '2026-01-03', INTERVAL 1 DAY))
SELECT * FROM range(3) r(i), generate_series(1, 2) g(j)
SELECT quantile_cont(date_diff('minute', start_at, end_at), 0.9) FILTER (class = 'IMP') FROM encounter
SELECT string_agg(code, ', ' ORDER BY rank) FROM encounter_dx GROUP BY encounter_id
SELECT 1 AS a UNION BY NAME SELECT 2 AS b
SELECT strftime(date_trunc('month', local_date(start_at)), '%Y-%m') AS "month of it" FROM encounter
SELECT start_at AT TIME ZONE 'America/Chicago', age(current_date, DATE '2026-01-01'), extract(year FROM now()) FROM encounter
SELECT count(*) FROM encounter WHERE (class, status) IN (('IMP', 'finished')) AND encounter_id SIMILAR TO 'e.*'
SELECT (SELECT max(rank) FROM encounter_dx d WHERE d.encounter_id = e.encounter_id) FROM main.encounter e
SELECT table_name FROM information_schema.columns WHERE column_name = 'rank'
SELECT regexp_extract(code, '^[A-Z]'), code.left(3).lower() FROM encounter_dx
SELECT * FROM encounter ANTI JOIN encounter_dx USING (encounter_id)
SELECT CASE WHEN end_at IS NULL THEN 'here' ELSE 'gone' END, ifnull(disposition, '?'), nullif(1, 1) FROM encounter
