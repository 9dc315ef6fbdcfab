-- Sample source systems. Every figure in this database is synthetic.

CREATE TABLE notice (language TEXT PRIMARY KEY, text TEXT NOT NULL);

INSERT INTO notice (language, text) VALUES
  ('zh', '本数据库为演示用的合成数据，并非真实统计。2025年的合计与公开报道的数字相符，各县（市、区）的拆分、其余各期及分母均为虚构。'),
  ('en', 'This database holds synthetic figures for a demonstration, not statistics. Totals for 2025 agree with published ones; how they split over counties, all other periods and the denominators are made up.');

-- Organization Department.
CREATE TABLE governance_register (unit_code TEXT, period TEXT, item TEXT, amount INTEGER);
CREATE TABLE rectification_progress (county_code TEXT, month TEXT, rectified_since_january INTEGER);
CREATE TABLE village_secretaries (county_code TEXT, quarter TEXT, in_reserve INTEGER, promoted INTEGER);
CREATE TABLE community_pairing (county_code TEXT, month TEXT, units_paired INTEGER, members_reported INTEGER);

-- Office for relieving the grassroots.
CREATE TABLE assessment_register (year TEXT, items INTEGER);
CREATE TABLE burden_items (county_code TEXT, period TEXT, item TEXT, amount INTEGER);
CREATE TABLE shared_forms (county_code TEXT, quarter TEXT, forms_before INTEGER, forms_cut INTEGER); -- forms_before is invented
CREATE TABLE duty_lists (county_code TEXT, quarter TEXT, townships INTEGER, lists_issued INTEGER);
CREATE TABLE village_plaques (township_code TEXT, half_year TEXT, plaques INTEGER);

-- Social Work Department.
CREATE TABLE 网格统计 (设区市 TEXT, 县区 TEXT, 月末 TEXT, 网格数 INTEGER, 专职网格员 INTEGER);
CREATE TABLE volunteer_service (county_code TEXT, month TEXT, teams INTEGER);
CREATE TABLE deliberation_platforms (county_code TEXT, month TEXT, platforms INTEGER);
CREATE TABLE warm_stations (county_code TEXT, month TEXT, stations INTEGER);
CREATE TABLE driver_stations (county_code TEXT, month TEXT, stations INTEGER);

-- Department of Civil Affairs.
CREATE TABLE elder_care (county_code TEXT, counted_on DATE, meal_sites INTEGER, homes INTEGER);

-- Cities and counties: Jiujiang, Shangrao, Fuzhou, Yujiang, Hukou.
CREATE TABLE certificate_express (county_name TEXT, month TEXT, settled INTEGER);
CREATE TABLE cadre_visits (county_code TEXT, month TEXT, visits INTEGER);
CREATE TABLE property_cases (case_number TEXT PRIMARY KEY, county_name TEXT, settled_on TEXT);
CREATE TABLE deliberation_log (township_name TEXT, month TEXT, sessions INTEGER);
CREATE TABLE legal_guides (half_year TEXT, guides INTEGER);
