/* A folder of its own for tests that need files: entered at the start of a group, removed at its
 * end. */
#ifndef BASALT_TEST_FOLDER_H
#define BASALT_TEST_FOLDER_H

/* Group set-up and tear-down of cmocka. */
int test_folder_enter(void **state);
int test_folder_leave(void **state);
/* Files and folders by names relative to it. */
void test_folder_write(const char *name, const char *text);
void test_folder_make(const char *name);

#endif
