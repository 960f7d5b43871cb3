SELECT
  "t61"."fate",
  "t61"."occurred_on",
  "t19"."type",
  "t19"."modality",
  "t19"."truce_role",
  "t61"."known_at",
  "t61"."n",
  "t61"."copies",
  "t61"."goldstein",
  "t20"."actor_is" AS "actor",
  "t21"."target_is" AS "target",
  "t22"."country_is" AS "iso3"
FROM (
  SELECT
    "t59"."fate",
    "t59"."occurred_on",
    "t59"."kind",
    "t59"."actor",
    "t59"."target",
    "t59"."country",
    MIN("t59"."known_at") AS "known_at",
    COUNT(*) AS "n",
    SUM("t59"."copies") AS "copies",
    AVG("t59"."scale") AS "goldstein"
  FROM (
    SELECT
      "t58"."fate",
      "t58"."event_id",
      "t58"."occurred_on",
      "t58"."kind",
      "t58"."actor",
      "t58"."target",
      "t58"."country",
      MIN("t58"."known_at") AS "known_at",
      MIN("t58"."scale") AS "scale",
      COUNT(*) AS "copies"
    FROM (
      SELECT
        "t57"."fate",
        "t57"."event_id",
        "t57"."known_at",
        "t57"."scale",
        IF("t57"."fate" = 2, "t57"."occurred_on", NULL) AS "occurred_on",
        IF("t57"."fate" = 2, "t57"."kind", NULL) AS "kind",
        IF("t57"."fate" = 2, "t57"."actor", NULL) AS "actor",
        IF("t57"."fate" = 2, "t57"."target", NULL) AS "target",
        IF("t57"."fate" = 2, "t57"."country", NULL) AS "country"
      FROM (
        SELECT
          "t56"."file",
          "t56"."line",
          "t56"."event_id",
          "t56"."occurred_on",
          "t56"."told_at",
          "t56"."known_at",
          "t56"."place",
          "t56"."scale",
          "t56"."actor_name",
          "t56"."target_name",
          "t56"."actor_home",
          "t56"."target_home",
          "t56"."actor_state",
          "t56"."target_state",
          "t56"."kind_key_right",
          "t56"."kind",
          "t56"."trouble",
          "t56"."actor_by_name",
          "t56"."actor_by_state",
          "t56"."target_by_name",
          "t56"."target_by_state",
          "t56"."place_number",
          "t56"."place_ours",
          "t56"."target_home_number",
          "t56"."target_home_ours",
          "t56"."actor_home_number",
          "t56"."actor_home_ours",
          COALESCE("t56"."actor_by_name", "t56"."actor_by_state") AS "actor",
          COALESCE("t56"."target_by_name", "t56"."target_by_state") AS "target",
          COALESCE("t56"."place_number", "t56"."target_home_number", "t56"."actor_home_number") AS "country",
          COALESCE("t56"."place_ours", FALSE)
          OR COALESCE("t56"."target_home_ours", FALSE)
          OR COALESCE("t56"."actor_home_ours", FALSE) AS "near",
          CASE
            WHEN "t56"."trouble" IS NOT NULL
            THEN 0
            WHEN (
              (
                COALESCE("t56"."actor_by_name", "t56"."actor_by_state") IS NOT NULL
              )
              OR (
                COALESCE("t56"."target_by_name", "t56"."target_by_state") IS NOT NULL
              )
              OR (
                COALESCE("t56"."place_ours", FALSE)
                OR COALESCE("t56"."target_home_ours", FALSE)
                OR COALESCE("t56"."actor_home_ours", FALSE)
              )
            )
            AND (
              "t56"."kind" > 0
            )
            THEN 2
            ELSE 1
          END AS "fate"
        FROM (
          SELECT
            "t55"."file",
            "t55"."line",
            "t55"."event_id",
            "t55"."occurred_on",
            "t55"."told_at",
            "t55"."known_at",
            "t55"."place",
            "t55"."scale",
            "t55"."actor_name",
            "t55"."target_name",
            "t55"."actor_home",
            "t55"."target_home",
            "t55"."actor_state",
            "t55"."target_state",
            "t55"."kind_key_right",
            "t55"."kind",
            "t55"."trouble",
            "t55"."actor_by_name",
            "t55"."actor_by_state",
            "t55"."target_by_name",
            "t55"."target_by_state",
            "t55"."place_number",
            "t55"."place_ours",
            "t55"."target_home_number",
            "t55"."target_home_ours",
            "t55"."actor_home_number",
            "t55"."actor_home_ours"
          FROM (
            SELECT
              "t54"."file",
              "t54"."line",
              "t54"."event_id",
              "t54"."occurred_on",
              "t54"."told_at",
              "t54"."known_at",
              "t54"."place",
              "t54"."scale",
              "t54"."actor_name",
              "t54"."target_name",
              "t54"."actor_home",
              "t54"."target_home",
              "t54"."actor_state",
              "t54"."target_state",
              "t54"."kind_key_right",
              "t54"."kind",
              "t54"."trouble",
              "t54"."actor_by_name",
              "t54"."actor_by_state",
              "t54"."target_by_name",
              "t54"."target_by_state",
              "t54"."place_number",
              "t54"."place_ours",
              "t54"."target_home_number",
              "t54"."target_home_ours",
              "t23"."actor_home_key",
              "t23"."actor_home_number",
              "t23"."actor_home_ours"
            FROM (
              SELECT
                "t52"."file",
                "t52"."line",
                "t52"."event_id",
                "t52"."occurred_on",
                "t52"."told_at",
                "t52"."known_at",
                "t52"."place",
                "t52"."scale",
                "t52"."actor_name",
                "t52"."target_name",
                "t52"."actor_home",
                "t52"."target_home",
                "t52"."actor_state",
                "t52"."target_state",
                "t52"."kind_key_right",
                "t52"."kind",
                "t52"."trouble",
                "t52"."actor_by_name",
                "t52"."actor_by_state",
                "t52"."target_by_name",
                "t52"."target_by_state",
                "t52"."place_number",
                "t52"."place_ours",
                "t52"."target_home_number",
                "t52"."target_home_ours"
              FROM (
                SELECT
                  "t51"."file",
                  "t51"."line",
                  "t51"."event_id",
                  "t51"."occurred_on",
                  "t51"."told_at",
                  "t51"."known_at",
                  "t51"."place",
                  "t51"."scale",
                  "t51"."actor_name",
                  "t51"."target_name",
                  "t51"."actor_home",
                  "t51"."target_home",
                  "t51"."actor_state",
                  "t51"."target_state",
                  "t51"."kind_key_right",
                  "t51"."kind",
                  "t51"."trouble",
                  "t51"."actor_by_name",
                  "t51"."actor_by_state",
                  "t51"."target_by_name",
                  "t51"."target_by_state",
                  "t51"."place_number",
                  "t51"."place_ours",
                  "t24"."target_home_key",
                  "t24"."target_home_number",
                  "t24"."target_home_ours"
                FROM (
                  SELECT
                    "t49"."file",
                    "t49"."line",
                    "t49"."event_id",
                    "t49"."occurred_on",
                    "t49"."told_at",
                    "t49"."known_at",
                    "t49"."place",
                    "t49"."scale",
                    "t49"."actor_name",
                    "t49"."target_name",
                    "t49"."actor_home",
                    "t49"."target_home",
                    "t49"."actor_state",
                    "t49"."target_state",
                    "t49"."kind_key_right",
                    "t49"."kind",
                    "t49"."trouble",
                    "t49"."actor_by_name",
                    "t49"."actor_by_state",
                    "t49"."target_by_name",
                    "t49"."target_by_state",
                    "t49"."place_number",
                    "t49"."place_ours"
                  FROM (
                    SELECT
                      "t48"."file",
                      "t48"."line",
                      "t48"."event_id",
                      "t48"."occurred_on",
                      "t48"."told_at",
                      "t48"."known_at",
                      "t48"."place",
                      "t48"."scale",
                      "t48"."actor_name",
                      "t48"."target_name",
                      "t48"."actor_home",
                      "t48"."target_home",
                      "t48"."actor_state",
                      "t48"."target_state",
                      "t48"."kind_key_right",
                      "t48"."kind",
                      "t48"."trouble",
                      "t48"."actor_by_name",
                      "t48"."actor_by_state",
                      "t48"."target_by_name",
                      "t48"."target_by_state",
                      "t25"."place_key",
                      "t25"."place_number",
                      "t25"."place_ours"
                    FROM (
                      SELECT
                        "t46"."file",
                        "t46"."line",
                        "t46"."event_id",
                        "t46"."occurred_on",
                        "t46"."told_at",
                        "t46"."known_at",
                        "t46"."place",
                        "t46"."scale",
                        "t46"."actor_name",
                        "t46"."target_name",
                        "t46"."actor_home",
                        "t46"."target_home",
                        "t46"."actor_state",
                        "t46"."target_state",
                        "t46"."kind_key_right",
                        "t46"."kind",
                        "t46"."trouble",
                        "t46"."actor_by_name",
                        "t46"."actor_by_state",
                        "t46"."target_by_name",
                        "t46"."target_by_state"
                      FROM (
                        SELECT
                          "t45"."file",
                          "t45"."line",
                          "t45"."event_id",
                          "t45"."occurred_on",
                          "t45"."told_at",
                          "t45"."known_at",
                          "t45"."place",
                          "t45"."scale",
                          "t45"."actor_name",
                          "t45"."target_name",
                          "t45"."actor_home",
                          "t45"."target_home",
                          "t45"."actor_state",
                          "t45"."target_state",
                          "t45"."kind_key_right",
                          "t45"."kind",
                          "t45"."trouble",
                          "t45"."actor_by_name",
                          "t45"."actor_by_state",
                          "t45"."target_by_name",
                          "t26"."target_by_state_key",
                          "t26"."target_by_state"
                        FROM (
                          SELECT
                            "t43"."file",
                            "t43"."line",
                            "t43"."event_id",
                            "t43"."occurred_on",
                            "t43"."told_at",
                            "t43"."known_at",
                            "t43"."place",
                            "t43"."scale",
                            "t43"."actor_name",
                            "t43"."target_name",
                            "t43"."actor_home",
                            "t43"."target_home",
                            "t43"."actor_state",
                            "t43"."target_state",
                            "t43"."kind_key_right",
                            "t43"."kind",
                            "t43"."trouble",
                            "t43"."actor_by_name",
                            "t43"."actor_by_state",
                            "t43"."target_by_name"
                          FROM (
                            SELECT
                              "t42"."file",
                              "t42"."line",
                              "t42"."event_id",
                              "t42"."occurred_on",
                              "t42"."told_at",
                              "t42"."known_at",
                              "t42"."place",
                              "t42"."scale",
                              "t42"."actor_name",
                              "t42"."target_name",
                              "t42"."actor_home",
                              "t42"."target_home",
                              "t42"."actor_state",
                              "t42"."target_state",
                              "t42"."kind_key_right",
                              "t42"."kind",
                              "t42"."trouble",
                              "t42"."actor_by_name",
                              "t42"."actor_by_state",
                              "t27"."target_by_name_key",
                              "t27"."target_by_name"
                            FROM (
                              SELECT
                                "t40"."file",
                                "t40"."line",
                                "t40"."event_id",
                                "t40"."occurred_on",
                                "t40"."told_at",
                                "t40"."known_at",
                                "t40"."place",
                                "t40"."scale",
                                "t40"."actor_name",
                                "t40"."target_name",
                                "t40"."actor_home",
                                "t40"."target_home",
                                "t40"."actor_state",
                                "t40"."target_state",
                                "t40"."kind_key_right",
                                "t40"."kind",
                                "t40"."trouble",
                                "t40"."actor_by_name",
                                "t40"."actor_by_state"
                              FROM (
                                SELECT
                                  "t39"."file",
                                  "t39"."line",
                                  "t39"."event_id",
                                  "t39"."occurred_on",
                                  "t39"."told_at",
                                  "t39"."known_at",
                                  "t39"."place",
                                  "t39"."scale",
                                  "t39"."actor_name",
                                  "t39"."target_name",
                                  "t39"."actor_home",
                                  "t39"."target_home",
                                  "t39"."actor_state",
                                  "t39"."target_state",
                                  "t39"."kind_key_right",
                                  "t39"."kind",
                                  "t39"."trouble",
                                  "t39"."actor_by_name",
                                  "t28"."actor_by_state_key",
                                  "t28"."actor_by_state"
                                FROM (
                                  SELECT
                                    "t37"."file",
                                    "t37"."line",
                                    "t37"."event_id",
                                    "t37"."occurred_on",
                                    "t37"."told_at",
                                    "t37"."known_at",
                                    "t37"."place",
                                    "t37"."scale",
                                    "t37"."actor_name",
                                    "t37"."target_name",
                                    "t37"."actor_home",
                                    "t37"."target_home",
                                    "t37"."actor_state",
                                    "t37"."target_state",
                                    "t37"."kind_key_right",
                                    "t37"."kind",
                                    "t37"."trouble",
                                    "t37"."actor_by_name"
                                  FROM (
                                    SELECT
                                      "t36"."file",
                                      "t36"."line",
                                      "t36"."event_id",
                                      "t36"."occurred_on",
                                      "t36"."told_at",
                                      "t36"."known_at",
                                      "t36"."place",
                                      "t36"."scale",
                                      "t36"."actor_name",
                                      "t36"."target_name",
                                      "t36"."actor_home",
                                      "t36"."target_home",
                                      "t36"."actor_state",
                                      "t36"."target_state",
                                      "t36"."kind_key_right",
                                      "t36"."kind",
                                      "t36"."trouble",
                                      "t29"."actor_by_name_key",
                                      "t29"."actor_by_name"
                                    FROM (
                                      SELECT
                                        "t34"."file",
                                        "t34"."line",
                                        "t34"."event_id",
                                        "t34"."occurred_on",
                                        "t34"."told_at",
                                        "t34"."known_at",
                                        "t34"."place",
                                        "t34"."scale",
                                        "t34"."actor_name",
                                        "t34"."target_name",
                                        "t34"."actor_home",
                                        "t34"."target_home",
                                        "t34"."actor_state",
                                        "t34"."target_state",
                                        "t34"."kind_key_right",
                                        "t34"."kind",
                                        CASE
                                          WHEN "t34"."event_id" IS NULL
                                          THEN 'it has no id'
                                          WHEN (
                                            STRPOS("t34"."actor_name", '�') > 0
                                          )
                                          OR (
                                            STRPOS("t34"."target_name", '�') > 0
                                          )
                                          THEN 'bytes that are not UTF-8 text'
                                          WHEN "t34"."occurred_on" IS NULL
                                          THEN 'its day cannot be read'
                                          WHEN "t34"."told_at" IS NULL
                                          THEN 'the moment from which it was known cannot be read'
                                          WHEN "t34"."kind" IS NULL
                                          THEN 'its kind of event is not in the codebook'
                                          WHEN "t34"."occurred_on" < FROM_ISO8601_DATE('1900-01-01')
                                          THEN 'it happened before 1900'
                                          WHEN "t34"."occurred_on" > FROM_ISO8601_DATE('2024-06-15')
                                          THEN 'it happened in the future'
                                          WHEN "t34"."told_at" > CAST(FROM_ISO8601_DATE('2024-06-16') AS TIMESTAMP)
                                          THEN 'it is known in the future'
                                          WHEN CAST("t34"."occurred_on" AS TIMESTAMP) > "t34"."told_at"
                                          THEN 'it was known before it happened'
                                          ELSE NULL
                                        END AS "trouble"
                                      FROM (
                                        SELECT
                                          "t33"."file",
                                          "t33"."line",
                                          "t33"."event_id",
                                          "t33"."occurred_on",
                                          "t33"."told_at",
                                          "t33"."known_at",
                                          "t33"."place",
                                          "t33"."scale",
                                          "t33"."actor_name",
                                          "t33"."target_name",
                                          "t33"."actor_home",
                                          "t33"."target_home",
                                          "t33"."actor_state",
                                          "t33"."target_state",
                                          "t33"."kind_key_right",
                                          "t33"."kind"
                                        FROM (
                                          SELECT
                                            "t32"."file",
                                            "t32"."line",
                                            "t32"."event_id",
                                            "t32"."occurred_on",
                                            "t32"."told_at",
                                            "t32"."known_at",
                                            "t32"."kind_key",
                                            "t32"."place",
                                            "t32"."scale",
                                            "t32"."actor_name",
                                            "t32"."target_name",
                                            "t32"."actor_home",
                                            "t32"."target_home",
                                            "t32"."actor_state",
                                            "t32"."target_state",
                                            "t30"."kind_key" AS "kind_key_right",
                                            "t30"."kind"
                                          FROM (
                                            SELECT
                                              "t5"."file",
                                              "t5"."line",
                                              TRY_CAST("t5"."GLOBALEVENTID" AS BIGINT) AS "event_id",
                                              TRY_CAST(IF(
                                                REGEXP_LIKE("t5"."SQLDATE", '^[0-9]{8}$'),
                                                CONCAT(
                                                  CONCAT(
                                                    CONCAT(
                                                      CONCAT(
                                                        SUBSTR("t5"."SQLDATE", IF((
                                                          0 + 1
                                                        ) >= 1, 0 + 1, 0 + 1 + LENGTH("t5"."SQLDATE")), 4),
                                                        '-'
                                                      ),
                                                      SUBSTR("t5"."SQLDATE", IF((
                                                        4 + 1
                                                      ) >= 1, 4 + 1, 4 + 1 + LENGTH("t5"."SQLDATE")), 2)
                                                    ),
                                                    '-'
                                                  ),
                                                  SUBSTR("t5"."SQLDATE", IF((
                                                    6 + 1
                                                  ) >= 1, 6 + 1, 6 + 1 + LENGTH("t5"."SQLDATE")), 2)
                                                ),
                                                NULL
                                              ) AS DATE) AS "occurred_on",
                                              IF(
                                                LENGTH("t5"."DATEADDED") = 8,
                                                CAST(TRY_CAST(IF(
                                                  REGEXP_LIKE("t5"."DATEADDED", '^[0-9]{8}$'),
                                                  CONCAT(
                                                    CONCAT(
                                                      CONCAT(
                                                        CONCAT(
                                                          SUBSTR("t5"."DATEADDED", IF((
                                                            0 + 1
                                                          ) >= 1, 0 + 1, 0 + 1 + LENGTH("t5"."DATEADDED")), 4),
                                                          '-'
                                                        ),
                                                        SUBSTR("t5"."DATEADDED", IF((
                                                          4 + 1
                                                        ) >= 1, 4 + 1, 4 + 1 + LENGTH("t5"."DATEADDED")), 2)
                                                      ),
                                                      '-'
                                                    ),
                                                    SUBSTR("t5"."DATEADDED", IF((
                                                      6 + 1
                                                    ) >= 1, 6 + 1, 6 + 1 + LENGTH("t5"."DATEADDED")), 2)
                                                  ),
                                                  NULL
                                                ) AS DATE) + INTERVAL '1' DAY AS TIMESTAMP),
                                                IF(
                                                  REGEXP_LIKE("t5"."DATEADDED", '^[0-9]{14}$'),
                                                  TRY_CAST(CONCAT(
                                                    CONCAT(
                                                      CONCAT(
                                                        CONCAT(
                                                          CONCAT(
                                                            CONCAT(
                                                              SUBSTR("t5"."DATEADDED", IF((
                                                                0 + 1
                                                              ) >= 1, 0 + 1, 0 + 1 + LENGTH("t5"."DATEADDED")), 4),
                                                              '-'
                                                            ),
                                                            SUBSTR("t5"."DATEADDED", IF((
                                                              4 + 1
                                                            ) >= 1, 4 + 1, 4 + 1 + LENGTH("t5"."DATEADDED")), 2)
                                                          ),
                                                          '-'
                                                        ),
                                                        SUBSTR("t5"."DATEADDED", IF((
                                                          6 + 1
                                                        ) >= 1, 6 + 1, 6 + 1 + LENGTH("t5"."DATEADDED")), 2)
                                                      ),
                                                      ' '
                                                    ),
                                                    CONCAT(
                                                      CONCAT(
                                                        CONCAT(
                                                          CONCAT(
                                                            SUBSTR("t5"."DATEADDED", IF((
                                                              8 + 1
                                                            ) >= 1, 8 + 1, 8 + 1 + LENGTH("t5"."DATEADDED")), 2),
                                                            ':'
                                                          ),
                                                          SUBSTR(
                                                            "t5"."DATEADDED",
                                                            IF((
                                                              10 + 1
                                                            ) >= 1, 10 + 1, 10 + 1 + LENGTH("t5"."DATEADDED")),
                                                            2
                                                          )
                                                        ),
                                                        ':'
                                                      ),
                                                      SUBSTR(
                                                        "t5"."DATEADDED",
                                                        IF((
                                                          12 + 1
                                                        ) >= 1, 12 + 1, 12 + 1 + LENGTH("t5"."DATEADDED")),
                                                        2
                                                      )
                                                    )
                                                  ) AS TIMESTAMP),
                                                  NULL
                                                )
                                              ) AS "told_at",
                                              IF(
                                                LENGTH("t5"."DATEADDED") = 8,
                                                CAST(TRY_CAST(IF(
                                                  REGEXP_LIKE("t5"."DATEADDED", '^[0-9]{8}$'),
                                                  CONCAT(
                                                    CONCAT(
                                                      CONCAT(
                                                        CONCAT(
                                                          SUBSTR("t5"."DATEADDED", IF((
                                                            0 + 1
                                                          ) >= 1, 0 + 1, 0 + 1 + LENGTH("t5"."DATEADDED")), 4),
                                                          '-'
                                                        ),
                                                        SUBSTR("t5"."DATEADDED", IF((
                                                          4 + 1
                                                        ) >= 1, 4 + 1, 4 + 1 + LENGTH("t5"."DATEADDED")), 2)
                                                      ),
                                                      '-'
                                                    ),
                                                    SUBSTR("t5"."DATEADDED", IF((
                                                      6 + 1
                                                    ) >= 1, 6 + 1, 6 + 1 + LENGTH("t5"."DATEADDED")), 2)
                                                  ),
                                                  NULL
                                                ) AS DATE) + INTERVAL '2' DAY AS TIMESTAMP),
                                                IF(
                                                  REGEXP_LIKE("t5"."DATEADDED", '^[0-9]{14}$'),
                                                  TRY_CAST(CONCAT(
                                                    CONCAT(
                                                      CONCAT(
                                                        CONCAT(
                                                          CONCAT(
                                                            CONCAT(
                                                              SUBSTR("t5"."DATEADDED", IF((
                                                                0 + 1
                                                              ) >= 1, 0 + 1, 0 + 1 + LENGTH("t5"."DATEADDED")), 4),
                                                              '-'
                                                            ),
                                                            SUBSTR("t5"."DATEADDED", IF((
                                                              4 + 1
                                                            ) >= 1, 4 + 1, 4 + 1 + LENGTH("t5"."DATEADDED")), 2)
                                                          ),
                                                          '-'
                                                        ),
                                                        SUBSTR("t5"."DATEADDED", IF((
                                                          6 + 1
                                                        ) >= 1, 6 + 1, 6 + 1 + LENGTH("t5"."DATEADDED")), 2)
                                                      ),
                                                      ' '
                                                    ),
                                                    CONCAT(
                                                      CONCAT(
                                                        CONCAT(
                                                          CONCAT(
                                                            SUBSTR("t5"."DATEADDED", IF((
                                                              8 + 1
                                                            ) >= 1, 8 + 1, 8 + 1 + LENGTH("t5"."DATEADDED")), 2),
                                                            ':'
                                                          ),
                                                          SUBSTR(
                                                            "t5"."DATEADDED",
                                                            IF((
                                                              10 + 1
                                                            ) >= 1, 10 + 1, 10 + 1 + LENGTH("t5"."DATEADDED")),
                                                            2
                                                          )
                                                        ),
                                                        ':'
                                                      ),
                                                      SUBSTR(
                                                        "t5"."DATEADDED",
                                                        IF((
                                                          12 + 1
                                                        ) >= 1, 12 + 1, 12 + 1 + LENGTH("t5"."DATEADDED")),
                                                        2
                                                      )
                                                    )
                                                  ) AS TIMESTAMP),
                                                  NULL
                                                )
                                              ) AS "known_at",
                                              "t5"."EventCode" AS "kind_key",
                                              "t5"."ActionGeo_CountryCode" AS "place",
                                              TRY_CAST("t5"."GoldsteinScale" AS DOUBLE) AS "scale",
                                              UPPER("t5"."Actor1Name") AS "actor_name",
                                              UPPER("t5"."Actor2Name") AS "target_name",
                                              "t5"."Actor1CountryCode" AS "actor_home",
                                              "t5"."Actor2CountryCode" AS "target_home",
                                              IF(
                                                (
                                                  "t5"."Actor1CountryCode" <> ''
                                                )
                                                AND (
                                                  SUBSTR("t5"."Actor1Code", IF((
                                                    0 + 1
                                                  ) >= 1, 0 + 1, 0 + 1 + LENGTH("t5"."Actor1Code")), 3) = "t5"."Actor1CountryCode"
                                                )
                                                AND SUBSTR("t5"."Actor1Code", IF((
                                                  3 + 1
                                                ) >= 1, 3 + 1, 3 + 1 + LENGTH("t5"."Actor1Code"))) IN ('', 'GOV', 'MIL', 'COP'),
                                                CONCAT('=', "t5"."Actor1CountryCode"),
                                                NULL
                                              ) AS "actor_state",
                                              IF(
                                                (
                                                  "t5"."Actor2CountryCode" <> ''
                                                )
                                                AND (
                                                  SUBSTR("t5"."Actor2Code", IF((
                                                    0 + 1
                                                  ) >= 1, 0 + 1, 0 + 1 + LENGTH("t5"."Actor2Code")), 3) = "t5"."Actor2CountryCode"
                                                )
                                                AND SUBSTR("t5"."Actor2Code", IF((
                                                  3 + 1
                                                ) >= 1, 3 + 1, 3 + 1 + LENGTH("t5"."Actor2Code"))) IN ('', 'GOV', 'MIL', 'COP'),
                                                CONCAT('=', "t5"."Actor2CountryCode"),
                                                NULL
                                              ) AS "target_state"
                                            FROM "gdelt_rows" AS "t5"
                                          ) AS "t32"
                                          LEFT OUTER JOIN (
                                            SELECT
                                              "t6"."key" AS "kind_key",
                                              "t6"."number" AS "kind"
                                            FROM "kinds" AS "t6"
                                          ) AS "t30"
                                            ON "t32"."kind_key" = "t30"."kind_key"
                                        ) AS "t33"
                                      ) AS "t34"
                                    ) AS "t36"
                                    LEFT OUTER JOIN (
                                      SELECT
                                        "t4"."key" AS "actor_by_name_key",
                                        "t4"."number" AS "actor_by_name"
                                      FROM "actors" AS "t4"
                                    ) AS "t29"
                                      ON "t36"."actor_name" = "t29"."actor_by_name_key"
                                  ) AS "t37"
                                ) AS "t39"
                                LEFT OUTER JOIN (
                                  SELECT
                                    "t4"."key" AS "actor_by_state_key",
                                    "t4"."number" AS "actor_by_state"
                                  FROM "actors" AS "t4"
                                ) AS "t28"
                                  ON "t39"."actor_state" = "t28"."actor_by_state_key"
                              ) AS "t40"
                            ) AS "t42"
                            LEFT OUTER JOIN (
                              SELECT
                                "t4"."key" AS "target_by_name_key",
                                "t4"."number" AS "target_by_name"
                              FROM "actors" AS "t4"
                            ) AS "t27"
                              ON "t42"."target_name" = "t27"."target_by_name_key"
                          ) AS "t43"
                        ) AS "t45"
                        LEFT OUTER JOIN (
                          SELECT
                            "t4"."key" AS "target_by_state_key",
                            "t4"."number" AS "target_by_state"
                          FROM "actors" AS "t4"
                        ) AS "t26"
                          ON "t45"."target_state" = "t26"."target_by_state_key"
                      ) AS "t46"
                    ) AS "t48"
                    LEFT OUTER JOIN (
                      SELECT
                        "t3"."key" AS "place_key",
                        "t3"."number" AS "place_number",
                        "t3"."ours" AS "place_ours"
                      FROM "countries" AS "t3"
                    ) AS "t25"
                      ON "t48"."place" = "t25"."place_key"
                  ) AS "t49"
                ) AS "t51"
                LEFT OUTER JOIN (
                  SELECT
                    "t3"."key" AS "target_home_key",
                    "t3"."number" AS "target_home_number",
                    "t3"."ours" AS "target_home_ours"
                  FROM "countries" AS "t3"
                ) AS "t24"
                  ON "t51"."target_home" = "t24"."target_home_key"
              ) AS "t52"
            ) AS "t54"
            LEFT OUTER JOIN (
              SELECT
                "t3"."key" AS "actor_home_key",
                "t3"."number" AS "actor_home_number",
                "t3"."ours" AS "actor_home_ours"
              FROM "countries" AS "t3"
            ) AS "t23"
              ON "t54"."actor_home" = "t23"."actor_home_key"
          ) AS "t55"
        ) AS "t56"
      ) AS "t57"
    ) AS "t58"
    GROUP BY
      1,
      2,
      3,
      4,
      5,
      6,
      7
  ) AS "t59"
  GROUP BY
    1,
    2,
    3,
    4,
    5,
    6
) AS "t61"
LEFT OUTER JOIN (
  SELECT
    "t0"."number" AS "kind_number",
    "t0"."type",
    "t0"."modality",
    "t0"."truce_role"
  FROM "kind_names" AS "t0"
) AS "t19"
  ON "t61"."kind" = "t19"."kind_number"
LEFT OUTER JOIN (
  SELECT
    "t1"."number" AS "actor_number",
    "t1"."name" AS "actor_is"
  FROM "actor_names" AS "t1"
) AS "t20"
  ON "t61"."actor" = "t20"."actor_number"
LEFT OUTER JOIN (
  SELECT
    "t1"."number" AS "target_number",
    "t1"."name" AS "target_is"
  FROM "actor_names" AS "t1"
) AS "t21"
  ON "t61"."target" = "t21"."target_number"
LEFT OUTER JOIN (
  SELECT
    "t2"."number" AS "country_number",
    "t2"."name" AS "country_is"
  FROM "country_names" AS "t2"
) AS "t22"
  ON "t61"."country" = "t22"."country_number"
